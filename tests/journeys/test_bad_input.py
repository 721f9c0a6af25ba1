"""Bad input over real HTTP: each request gets the right problem document, and nothing is stored or lost."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest
import requests

from local.stack import RunningStack
from local.tokens import AUDIENCE, ISSUER
from tests.journeys.product import Caller, admin, holder, new_account, nobody, operator

PROBLEM = {"type", "title", "status", "detail", "code", "requestId"}
EVENT = {"accountId": "acme", "event": "order.created", "entity": {}}

UseRequest = Callable[[RunningStack, Caller], requests.Response]


def created(body: Any = None, raw: bytes | None = None) -> UseRequest:
    """Return a request that creates a key."""
    return lambda _, account: account.send_request(
        "POST", "/api-keys", **({"raw": raw} if raw is not None else {"body": body})
    )


def hooked(url: object) -> UseRequest:
    """Return a request that creates a webhook with this URL."""
    return lambda _, account: account.send_request("POST", "/webhooks", {"url": url})


def pointed(url: object) -> UseRequest:
    """Return a request that sets the default webhook's URL."""
    return lambda _, account: account.send_request("PUT", "/integration/webhook-settings", {"webhookUrl": url})


def published(body: Any) -> UseRequest:
    """Return a request that publishes an event."""
    return lambda stack, _: operator(stack).send_request("POST", "/events", body)


BAD: Mapping[str, tuple[UseRequest, int, str]] = {
    "malformed JSON": (created(raw=b'{"name": '), 400, "malformed_request"),
    "a body that is not UTF-8": (created(raw=b'{"name": "\xff\xfe"}'), 400, "malformed_request"),
    "a body that is UTF-16": (created(raw='{"name": "x"}'.encode("utf-16")), 400, "malformed_request"),
    "a wrong type": (created({"name": 7}), 422, "invalid_fields"),
    "a list for an object": (created([]), 422, "invalid_fields"),
    "an unknown field": (created({"name": "k", "colour": "red"}), 422, "invalid_fields"),
    "an unknown scope": (created({"name": "k", "scopes": ["orders:fly"]}), 422, "invalid_fields"),
    "a scope of the operator": (created({"name": "k", "scopes": ["events:write"]}), 403, "scope_beyond_creator"),
    "an expiry in the past": (created({"name": "k", "expiresAt": "2020-01-01T00:00:00Z"}), 422, "invalid_fields"),
    "text with a lone surrogate": (created({"name": "k", "metadata": {"a": "\ud800"}}), 422, "invalid_fields"),
    "an event of 257 KiB": (published({**EVENT, "entity": {"x": "y" * 257 * 1024}}), 413, "content_too_large"),
    "an event name in upper case": (published({**EVENT, "event": "Order"}), 422, "invalid_fields"),
    "an event without an entity": (published({"accountId": "a", "event": "b"}), 422, "invalid_fields"),
    "a webhook at the metadata service": (hooked("https://169.254.169.254/"), 422, "invalid_fields"),
    "a webhook at a private address": (hooked("https://10.0.0.1/"), 422, "invalid_fields"),
    "a webhook with a user and password": (hooked("https://user:pass@hooks.example.com/"), 422, "invalid_fields"),
    "a webhook that is no URL": (hooked("hooks"), 422, "invalid_fields"),
    "a webhook with another scheme": (hooked("ftp://hooks.example.com/"), 422, "invalid_fields"),
    "settings at the metadata service": (pointed("http://169.254.169.254/latest"), 422, "invalid_fields"),
    "settings without a URL": (pointed(""), 422, "invalid_fields"),
}


def contents(account: Caller) -> list[Any]:
    """Return everything that an account can list."""
    return [account.call("GET", path) for path in ("/api-keys", "/webhooks", "/integration/webhook-deliveries")]


def check_problem(response: requests.Response, status: int, code: str) -> None:
    """Check that a response is a problem document (RFC 9457) with this status and code."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) - {"errors"} == PROBLEM
    assert (problem["status"], problem["code"]) == (status, code)


@pytest.mark.parametrize("flaw", BAD)
def test_bad_input_is_a_problem_and_nothing_is_stored(stack: RunningStack, flaw: str) -> None:
    send_request, status, code = BAD[flaw]
    account = admin(stack, new_account())
    check_problem(send_request(stack, account), status, code)
    assert contents(account) == [{"data": [], "nextCursor": None}] * 2 + [{"deliveries": []}]


def test_invalid_tokens_are_401(stack: RunningStack) -> None:
    good = {
        "sub": "someone",
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": int(time.time()) + 600,
        "app_metadata": {"account_id": new_account(), "role": "business_admin"},
    }
    tokens = {
        "alg none": jwt.encode(good, None, algorithm="none"),  # type: ignore[arg-type]  # PyJWT: no key for none
        "expired": jwt.encode(good | {"exp": int(time.time()) - 60}, stack.jwt_secret),
        "other audience": jwt.encode(good | {"aud": "somebody-else"}, stack.jwt_secret),
        "other issuer": jwt.encode(good | {"iss": "https://elsewhere.example"}, stack.jwt_secret),
        "other secret": jwt.encode(good, "another project's secret, just as long as ours"),
    }
    for flaw, token in tokens.items():
        response = Caller(stack.base_url, {"Authorization": f"Bearer {token}"}).send_request("GET", "/api-keys")
        check_problem(response, 401, "token_expired" if flaw == "expired" else "invalid_token")
        assert response.headers["WWW-Authenticate"]
    assert Caller(stack.base_url, {"Authorization": f"Bearer {jwt.encode(good, stack.jwt_secret)}"}).call(
        "GET", "/api-keys"
    ) == {"data": [], "nextCursor": None}


def test_missing_credentials_and_changed_keys_are_401(stack: RunningStack) -> None:
    check_problem(nobody(stack).send_request("GET", "/api-keys"), 401, "missing_credentials")
    key = stack.operator_api_key
    flipped = key[:40] + ("a" if key[40] != "a" else "b") + key[41:]
    check_problem(holder(stack, flipped).send_request("POST", "/events", EVENT), 401, "invalid_api_key")


def test_other_roles_are_403(stack: RunningStack) -> None:
    token = stack.tokens.account_token(new_account(), role="member")
    response = Caller(stack.base_url, {"Authorization": f"Bearer {token}"}).send_request("GET", "/api-keys")
    check_problem(response, 403, "role_not_allowed")


def test_objects_of_another_account_are_404_like_missing_ones(stack: RunningStack) -> None:
    theirs, ours = admin(stack, new_account()), admin(stack, new_account())
    key = theirs.call("POST", "/api-keys", {"name": "k"}, status=201)["id"]
    webhook = theirs.call("POST", "/webhooks", {"url": "http://127.0.0.1:1/"}, status=201)["id"]
    missing = "00000000-0000-4000-8000-000000000000"
    for method, path, thing in (
        ("GET", "/api-keys/{}", key),
        ("DELETE", "/api-keys/{}", key),
        ("POST", "/api-keys/{}/rotate", key),
        ("DELETE", "/integration/api-keys/{}", key),
        ("DELETE", "/webhooks/{}", webhook),
        ("GET", "/webhooks/{}/deliveries", webhook),
    ):
        refused, absent = (ours.send_request(method, path.format(each)) for each in (thing, missing))
        check_problem(refused, 404, "not_found")
        assert strip(refused) == strip(absent), path
    assert len(theirs.call("GET", "/integration/api-keys")["keys"]) == 1
    assert len(theirs.call("GET", "/webhooks")["data"]) == 1


def strip(response: requests.Response) -> str:
    """Return a response's body without its request id."""
    return response.text.replace(response.json()["requestId"], "")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/no/such/route"), ("PATCH", "/event"), ("POST", "/api-keys/x/y/z")]
)
def test_unknown_route_is_a_problem_document(stack: RunningStack, method: str, path: str) -> None:
    check_problem(nobody(stack).send_request(method, path), 404, "no_such_route")


def test_api_serves_its_openapi_document(stack: RunningStack) -> None:
    document = nobody(stack).send_request("GET", "/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert json.dumps(document).count("operationId") > 15
