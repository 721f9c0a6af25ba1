"""Forms and response bodies of the OAuth protocol. The field names are those of the RFCs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from latchhook.clock import to_millis
from latchhook.oauth.client import ASSERTION_ALGORITHMS
from latchhook.oauth.grant import Grant
from latchhook.oauth.tokens import Tokens


class TokenForm(TypedDict):
    """The form of the token endpoint. `grant_type` decides which other fields are needed."""

    grant_type: Literal["authorization_code", "refresh_token", "client_credentials"]
    client_id: NotRequired[str]
    client_secret: NotRequired[str]
    client_assertion_type: NotRequired[str]
    client_assertion: NotRequired[str]
    code: NotRequired[str]
    code_verifier: NotRequired[str]
    redirect_uri: NotRequired[str]
    refresh_token: NotRequired[str]
    scope: NotRequired[str]
    resource: NotRequired[str]


class TokenOfClientForm(TypedDict):
    """The form that names a token."""

    token: str
    token_type_hint: NotRequired[str]
    client_id: NotRequired[str]
    client_secret: NotRequired[str]
    client_assertion_type: NotRequired[str]
    client_assertion: NotRequired[str]


class TokenResponse(TypedDict):
    """New tokens (RFC 6749, 5.1)."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str
    refresh_token: NotRequired[str]


class IntrospectionResponse(TypedDict):
    """The state of a token (RFC 7662, 2.2). A token that is not valid has only `active`."""

    active: bool
    scope: NotRequired[str]
    client_id: NotRequired[str]
    token_type: NotRequired[str]
    exp: NotRequired[int]
    iat: NotRequired[int]
    sub: NotRequired[str]
    aud: NotRequired[str]
    iss: NotRequired[str]


class AuthorizationServerMetadata(TypedDict):
    """The metadata of this authorization server (RFC 8414, 2)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    code_challenge_methods_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    authorization_response_iss_parameter_supported: bool


class ProtectedResourceMetadata(TypedDict):
    """The metadata of this API as a protected resource (RFC 9728, 2)."""

    resource: str
    authorization_servers: list[str]
    bearer_methods_supported: list[str]


def token_response(tokens: Tokens) -> TokenResponse:
    """Return the response body with new tokens."""
    body: TokenResponse = {
        "access_token": tokens.access,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in_seconds,
        "scope": " ".join(tokens.scopes),
    }
    if tokens.refresh is not None:
        body["refresh_token"] = tokens.refresh
    return body


def authorization_server_metadata(issuer: str, base: str) -> AuthorizationServerMetadata:
    """Return the metadata. `base` is the address of this API."""
    methods = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "introspection_endpoint": f"{base}/oauth/introspect",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "authorization_response_iss_parameter_supported": True,
    }


def protected_resource_metadata(issuer: str, base: str) -> ProtectedResourceMetadata:
    """Return the metadata of this API."""
    return {"resource": base, "authorization_servers": [issuer], "bearer_methods_supported": ["header"]}


INACTIVE: IntrospectionResponse = {"active": False}


def introspection_response(
    grant: Grant, scopes: Sequence[str], *, issuer: str, access_ends_at: datetime | None = None
) -> IntrospectionResponse:
    """Return the state of a valid token. `access_ends_at` is the end of an access token, None for a refresh token."""
    body: IntrospectionResponse = {
        "active": True,
        "scope": " ".join(scopes),
        "client_id": str(grant.client_id),
        "iat": to_millis(grant.created_at) // 1000,
        "sub": grant.user_id or str(grant.client_id),
        "iss": issuer,
    }
    if access_ends_at is not None:
        body["token_type"] = "Bearer"  # noqa: S105 - a name
    ends_at = access_ends_at or grant.expires_at
    if ends_at is not None:
        body["exp"] = to_millis(ends_at) // 1000
    if grant.resource is not None:
        body["aud"] = grant.resource
    return body
