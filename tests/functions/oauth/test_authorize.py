"""The authorization endpoint redirects to the console, or to a checked redirect URI."""

from typing import Any

import pytest

from tests.functions.callers import admin
from tests.functions.calls import NOBODY, Answered, call, invoke, own_event
from tests.functions.oauth.apps import REDIRECT_URI, made_client, parameters_in, query_of, request_of

HOST = "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"


def authorize(parameters: Any, base: str = "") -> Answered:
    """Open the authorization endpoint in a browser. A string is the whole query."""
    event = own_event("authorize")
    event["rawQueryString"] = parameters if isinstance(parameters, str) else query_of(parameters)
    event["rawPath"] = f"{base}/oauth/authorize"
    returned = invoke("authorize", event)
    return Answered(returned["statusCode"], returned["headers"], returned.get("body", ""))


def test_good_request_leads_to_the_consent_page_with_its_query() -> None:
    parameters = request_of(made_client())
    answered = authorize(parameters)
    assert answered.status == 303
    assert answered.headers["location"] == f"{HOST}/admin/integrations/authorize?{query_of(parameters)}"
    assert (answered.headers["cache-control"], answered.headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_consent_page_is_below_the_base_path() -> None:
    location = authorize(request_of(made_client()), base="/api/v1").headers["location"]
    assert location.startswith(f"{HOST}/api/v1/admin/integrations/authorize?")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "inventory:read"}, "invalid_scope"),
        ({"resource": ["https://a.example.com", "https://b.example.com"]}, "invalid_target"),
        ({"prompt": "none"}, "interaction_required"),
    ],
)
def test_error_goes_to_the_app_with_state_and_issuer(changes: dict[str, Any], error: str) -> None:
    answered = authorize(request_of(made_client(), **changes))
    assert answered.status == 303
    location = answered.headers["location"]
    assert location.startswith(f"{REDIRECT_URI}?")
    found = parameters_in(location)
    assert (found["error"], found["state"], found["iss"]) == (error, "af0ifjsldkj", HOST)


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": REDIRECT_URI + "/"},
        {"redirect_uri": None},
        {"redirect_uri": [REDIRECT_URI, REDIRECT_URI]},
        {"client_id": "5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21"},
        {"client_id": "x"},
        {"client_id": "{5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21}"},
        {"client_id": None},
    ],
)
def test_unknown_client_or_redirect_uri_is_never_redirected(changes: dict[str, Any]) -> None:
    answered = authorize(request_of(made_client(), **changes))
    assert (answered.status, answered.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "location" not in answered.headers
    assert "evil" not in answered.text
    assert answered.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("query", ["", "a=%ff", "a=1&" * 51, "a=" + "b" * 9_000])
def test_unreadable_query_gets_the_page(query: str) -> None:
    assert authorize(query).status == 400


def test_disabled_client_is_unknown() -> None:
    client = made_client()
    call("update_oauth_client", admin(), object_id=client["id"], body={"status": "disabled"})
    assert authorize(request_of(client)).status == 400


def test_deliveries_of_webhooks_are_refused() -> None:
    refused = call("authorize", NOBODY, headers={"webhook-id": "a", "webhook-signature": "v1,b"})
    assert (refused.status, refused.code) == (403, "webhook_delivery")
