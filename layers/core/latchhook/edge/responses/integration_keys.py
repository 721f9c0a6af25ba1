"""API keys in response bodies of `/integration`. Only `apiKey`, in the response to generate, contains a secret."""

from typing import TypedDict

from latchhook.api_keys.api_key import ApiKey
from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.responses.formats import Moment, Uuid


class GeneratedKeyResponse(TypedDict):
    """A new API key with its key text."""

    apiKey: str | None
    """The full key text, which only this response contains. Null in the response to a repeated request."""
    name: str


class IntegrationKeyResponse(TypedDict):
    """An API key as the integration endpoints show it."""

    id: Uuid
    userId: str
    """The user who created the key. If another key created it, the user of that key."""
    prefix: str
    """The first characters of the key text, which identify the key and are not secret."""
    name: str
    createdAt: Moment
    lastUsedAt: Moment | None
    revokedAt: Moment | None
    """Always null, since revoked keys are not listed."""


class IntegrationKeyListResponse(TypedDict):
    """The account's API keys that are not revoked."""

    keys: list[IntegrationKeyResponse]


def integration_key_response(key: ApiKey) -> IntegrationKeyResponse:
    """Return the response body of a key for the integration endpoints."""
    return {
        "id": str(key.id),
        "userId": key.user_id,
        "prefix": key.prefix,
        "name": key.name,
        "createdAt": rfc3339(key.created_at),
        "lastUsedAt": rfc3339_or_none(key.last_used_at),
        "revokedAt": rfc3339_or_none(key.revoked_at),
    }
