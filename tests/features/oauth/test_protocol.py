"""Authorization requests: each parameter, and the redirect of each error."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from latchhook.oauth.errors import OAuthError, UnknownClientError
from latchhook.oauth.protocol import (
    MAX_STATE_LENGTH,
    Parameters,
    check_request,
    client_id_in,
    error_redirect,
    redirect_to,
    redirect_uri_of,
    requested_scopes,
)
from tests.features.oauth.oauth_objects import CHALLENGE, CLIENT, REDIRECT_URI, client

GOOD = {
    "response_type": "code",
    "client_id": str(CLIENT.id),
    "redirect_uri": REDIRECT_URI,
    "scope": "orders:read",
    "state": "s",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def sent(**changes: Any) -> Parameters:
    """Return the parameters of a request. None leaves a parameter out, and a list repeats it."""
    values = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return {name: value if isinstance(value, list) else [value] for name, value in values.items()}


def error_of(parameters: Parameters, of: Any = CLIENT) -> str:
    """Return the error code of a request."""
    with pytest.raises(OAuthError) as found:
        check_request(parameters, of, REDIRECT_URI)
    return found.value.code


def test_good_request_is_read() -> None:
    request = check_request(sent(resource="https://api.example.com/mcp"), CLIENT, REDIRECT_URI)
    assert request.scopes == ("orders:read",)
    assert (request.state, request.code_challenge, request.resource, request.needs_consent) == (
        "s", CHALLENGE, "https://api.example.com/mcp", False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:42]}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "a"}, "invalid_request"),
        ({"code_challenge": "a" * 129}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:42] + "="}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"scope": "orders:delete"}, "invalid_scope"),
        ({"scope": "orders:*"}, "invalid_scope"),
        ({"scope": "orders:read orders"}, "invalid_scope"),
        ({"scope": "orders:read  orders:write"}, "invalid_scope"),
        ({"scope": " ".join(f"orders:r{at}" for at in range(51))}, "invalid_scope"),
        ({"state": "s" * (MAX_STATE_LENGTH + 1)}, "invalid_request"),
        ({"state": "s\n"}, "invalid_request"),
        ({"resource": "api"}, "invalid_target"),
        ({"resource": "https://api.example.com/#x"}, "invalid_target"),
        ({"resource": "https://user@api.example.com/"}, "invalid_target"),
        ({"resource": "https://api.example.com/" + "a" * 2048}, "invalid_target"),
        ({"resource": ["https://a.example.com", "https://b.example.com"]}, "invalid_target"),
        ({"prompt": "none"}, "interaction_required"),
        ({"prompt": "please"}, "invalid_request"),
        ({"scope": ["orders:read", "orders:read"]}, "invalid_request"),
        ({"state": ["a", "b"]}, "invalid_request"),
        ({"code_challenge": [CHALLENGE, CHALLENGE]}, "invalid_request"),
        ({"unknown": ["a", "b"]}, "invalid_request"),
    ],
)
def test_each_bad_parameter_has_the_error_of_the_rfc(changes: dict[str, Any], error: str) -> None:
    assert error_of(sent(**changes)) == error


def test_client_without_the_code_grant_is_refused() -> None:
    assert error_of(sent(), client(grant_types=("client_credentials",))) == "unauthorized_client"


def test_unknown_parameters_are_ignored() -> None:
    check_request(sent(nonce="n", login_hint="mira"), CLIENT, REDIRECT_URI)


def test_request_without_scope_asks_for_all_scopes_of_the_client() -> None:
    assert check_request(sent(scope=None), CLIENT, REDIRECT_URI).scopes == ("orders:read", "orders:write")


def test_scope_may_be_part_of_a_wildcard_of_the_client() -> None:
    assert requested_scopes("orders:read laps:*", ["orders:*", "*"]) == ("orders:read", "laps:*")


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": [REDIRECT_URI, REDIRECT_URI]},
    ],
)
def test_unknown_redirect_uri_is_never_used(changes: dict[str, Any]) -> None:
    with pytest.raises(UnknownClientError):
        redirect_uri_of(sent(**changes), CLIENT)


def test_disabled_and_missing_clients_are_unknown() -> None:
    for of in (client(status="disabled"), None):
        with pytest.raises(UnknownClientError):
            redirect_uri_of(sent(), of)
    for changes in ({"client_id": None}, {"client_id": ["a", "b"]}):
        with pytest.raises(UnknownClientError):
            client_id_in(sent(**changes))


def test_error_redirect_carries_state_and_issuer() -> None:
    url = error_redirect(
        REDIRECT_URI, sent(state="a b&c"), OAuthError("invalid_scope", "No."), issuer="https://i.example"
    )
    assert url.startswith(REDIRECT_URI + "?")
    assert parse_qs(urlsplit(url).query) == {
        "error": ["invalid_scope"],
        "error_description": ["No."],
        "state": ["a b&c"],
        "iss": ["https://i.example"],
    }


@pytest.mark.parametrize("state", [["a", "b"], "s\n", None])
def test_error_redirect_leaves_out_an_invalid_state(state: Any) -> None:
    assert "state" not in error_redirect(REDIRECT_URI, sent(state=state), OAuthError("x", "y"), issuer="i")


def test_redirect_keeps_the_query_of_the_redirect_uri() -> None:
    assert redirect_to("https://a.example/?t=1", {"code": "c", "state": None}) == "https://a.example/?t=1&code=c"
