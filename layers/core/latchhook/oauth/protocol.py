"""Authorization requests (RFC 6749, 4.1.1): their checks, and the redirect that answers them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode, urlsplit

from latchhook.api_keys.api_key import MAX_RESOURCE_LENGTH
from latchhook.oauth.client import MAX_SCOPES, OAuthClient
from latchhook.oauth.errors import OAuthError, UnknownClientError
from latchhook.oauth.redirect_uri import matches
from latchhook.permissions.grants import Grants
from latchhook.permissions.scopes import is_scope, is_wildcard

MAX_STATE_LENGTH = 2_048

Parameters = Mapping[str, Sequence[str]]
"""The values of each parameter of a request."""

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""SHA-256 in base64url without padding."""

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636, 4.1."""

_VISIBLE = re.compile(r"[ -~]*")
_PROMPTS = {"none", "login", "consent", "select_account"}

REPEATABLE = {"resource"}
"""Parameters that a request can contain several times (RFC 8707, 2)."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A checked request of a client for the rights of a user."""

    client: OAuthClient
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    code_challenge: str
    resource: str | None
    needs_consent: bool
    """Whether the client asks to show the consent again."""


def client_id_in(parameters: Parameters) -> str:
    """Return the client id of a request. Raises `UnknownClientError`."""
    values = parameters.get("client_id", ())
    if len(values) != 1:
        raise UnknownClientError
    return values[0]


def redirect_uri_of(parameters: Parameters, client: OAuthClient | None) -> str:
    """Return the redirect URI of a request, if the client has registered it. Raises `UnknownClientError`.

    Until then, an error must not be sent to the redirect URI (RFC 9700, 4.11.2).
    """
    values = parameters.get("redirect_uri", ())
    if client is None or not client.is_active or len(values) != 1:
        raise UnknownClientError
    if not any(matches(registered, values[0]) for registered in client.settings.redirect_uris):
        raise UnknownClientError
    return values[0]


def check_request(parameters: Parameters, client: OAuthClient, redirect_uri: str) -> AuthorizationRequest:
    """Check all other parameters. Raises `OAuthError`, which the redirect reports to the client."""
    check_single(parameters)
    sent = {name: values[0] for name, values in parameters.items()}
    if sent.get("response_type") != "code":
        code = "unsupported_response_type" if "response_type" in sent else "invalid_request"
        raise OAuthError(code, "response_type must be code.")
    if not client.allows("authorization_code"):
        raise OAuthError("unauthorized_client", "The client does not have the grant type authorization_code.")
    if sent.get("code_challenge_method") != "S256":
        raise OAuthError("invalid_request", "code_challenge_method must be S256.")
    if not _CHALLENGE.fullmatch(sent.get("code_challenge", "")):
        raise OAuthError("invalid_request", "code_challenge must have 43 characters of base64url.")
    prompts = set(sent.get("prompt", "").split())
    if prompts - _PROMPTS:
        raise OAuthError("invalid_request", "prompt has an unknown value.")
    if "none" in prompts:
        raise OAuthError("interaction_required", "A user must sign in and consent.")
    return AuthorizationRequest(
        client,
        redirect_uri,
        requested_scopes(sent.get("scope"), client.settings.scopes),
        state_of(parameters),
        sent["code_challenge"],
        resource_of(parameters),
        "consent" in prompts,
    )


def state_of(parameters: Parameters) -> str | None:
    """Return the state. Raises `OAuthError`."""
    state = next(iter(parameters.get("state", ())), None)
    if state is not None and (len(state) > MAX_STATE_LENGTH or not _VISIBLE.fullmatch(state)):
        raise OAuthError("invalid_request", f"state must have at most {MAX_STATE_LENGTH} ASCII characters.")
    return state


def check_single(parameters: Parameters) -> None:
    """Raise `OAuthError` for a parameter that is sent twice (RFC 6749, 3.1) or for several resources."""
    if any(len(values) > 1 for name, values in parameters.items() if name not in REPEATABLE):
        raise OAuthError("invalid_request", "A parameter is sent more than once.")
    if len(parameters.get("resource", ())) > 1:
        raise OAuthError("invalid_target", "Only one resource is supported.")


def requested_scopes(text: str | None, allowed: Sequence[str]) -> tuple[str, ...]:
    """Return the requested scopes; all allowed ones without a request. Raises `OAuthError`."""
    if text is None:
        return tuple(allowed)
    scopes = tuple(dict.fromkeys(text.split(" "))) if text else ()
    grants = Grants.of(allowed)
    if not scopes or len(scopes) > MAX_SCOPES:
        raise OAuthError("invalid_scope", f"scope must contain 1 to {MAX_SCOPES} scopes.")
    if not all((is_scope(scope) or is_wildcard(scope)) and grants.may(scope) for scope in scopes):
        raise OAuthError("invalid_scope", "The client may not request all of these scopes.")
    return scopes


def resource_of(parameters: Parameters) -> str | None:
    """Return the resource (RFC 8707, 2): an absolute URL without a fragment. Raises `OAuthError`."""
    resource = next(iter(parameters.get("resource", ())), None)
    if resource is None:
        return None
    try:
        url = urlsplit(resource)
        is_valid = url.scheme in ("https", "http") and bool(url.hostname) and "@" not in url.netloc
    except ValueError:
        is_valid = False
    is_text = len(resource) <= MAX_RESOURCE_LENGTH and resource.isascii() and resource.isprintable()
    if not is_valid or not is_text or "#" in resource or " " in resource:
        raise OAuthError("invalid_target", "resource must be an absolute URL without a fragment.")
    return resource


def redirect_to(redirect_uri: str, parameters: Mapping[str, str | None]) -> str:
    """Return the redirect URI with response parameters. Its own query is kept (RFC 6749, 3.1.2)."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return redirect_uri + ("&" if "?" in redirect_uri else "?") + urlencode(given, quote_via=quote)


def error_redirect(redirect_uri: str, parameters: Parameters, error: OAuthError, *, issuer: str) -> str:
    """Return the redirect that reports an error to the client (RFC 6749, 4.1.2.1; RFC 9207)."""
    try:
        state = state_of(parameters) if len(parameters.get("state", ())) == 1 else None
    except OAuthError:
        state = None
    report = {"error": error.code, "error_description": error.description, "state": state, "iss": issuer}
    return redirect_to(redirect_uri, report)


TokenError = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
    "slow_down",
]
"""The errors of the token endpoint (RFC 6749, 5.2; RFC 8707, 2)."""
