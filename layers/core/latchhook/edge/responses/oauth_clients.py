"""Response bodies with OAuth clients."""

import json
from typing import Any, TypedDict

from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.oauth.client import ClientStatus, ClientType, GrantType, OAuthClient


class OAuthClientResponse(TypedDict):
    """An OAuth client without its secret."""

    id: Uuid
    """The `client_id` of the protocol."""
    accountId: str
    name: str
    type: ClientType
    redirectUris: list[str]
    grantTypes: list[GrantType]
    scopes: list[str]
    logoUri: str | None
    clientUri: str | None
    policyUri: str | None
    accessTokenSeconds: int
    refreshTokenSeconds: int
    jwks: dict[str, Any] | None
    """The public keys with which the client signs assertions."""
    status: ClientStatus
    createdAt: Moment
    updatedAt: Moment
    secretRotatedAt: Moment | None


class CreatedOAuthClientResponse(OAuthClientResponse):
    """A new OAuth client."""

    secret: str | None
    """The `client_secret`, which only this response contains. Null for a public client and in the response to a
    repeated request."""


class RotatedOAuthClientResponse(OAuthClientResponse):
    """An OAuth client with a new secret."""

    secret: str | None
    """The new `client_secret`, which only this response contains. Null in the response to a repeated request."""
    previousSecretExpiresAt: Moment | None


class OAuthClientListResponse(TypedDict):
    """A page of OAuth clients."""

    data: list[OAuthClientResponse]
    nextCursor: str | None


def oauth_client_response(client: OAuthClient) -> OAuthClientResponse:
    """Return the response body of a client."""
    chosen = client.settings
    return {
        "id": str(client.id),
        "accountId": client.account_id,
        "name": chosen.name,
        "type": client.type,
        "redirectUris": list(chosen.redirect_uris),
        "grantTypes": list(chosen.grant_types),
        "scopes": list(chosen.scopes),
        "logoUri": chosen.logo_uri,
        "clientUri": chosen.client_uri,
        "policyUri": chosen.policy_uri,
        "accessTokenSeconds": chosen.access_token_seconds,
        "refreshTokenSeconds": chosen.refresh_token_seconds,
        "jwks": None if chosen.key_set is None else json.loads(chosen.key_set),
        "status": chosen.status,
        "createdAt": rfc3339(client.created_at),
        "updatedAt": rfc3339(client.updated_at),
        "secretRotatedAt": rfc3339_or_none(client.secret_rotated_at),
    }
