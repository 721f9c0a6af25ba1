"""API keys as document 000's endpoints show them. No secret is in it but `apiKey`, in the answer to generate."""

from typing import TypedDict

from latchhook.api_keys.api_key import ApiKey
from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.responses.formats import Moment, Uuid


class GeneratedKeyResponse(TypedDict):
    """A new key (document 000)."""

    apiKey: str
    """The key's full text. It is never shown again."""
    name: str


class IntegrationKeyResponse(TypedDict):
    """An API key as the integration endpoints show it (document 000)."""

    id: Uuid
    userId: str
    """The user who created it; for a key that a key created, that key's user."""
    prefix: str
    """The first characters of the key's text, to recognise it by. They are no secret."""
    name: str
    createdAt: Moment
    lastUsedAt: Moment | None
    revokedAt: Moment | None
    """Always null: revoked keys are not listed."""


class IntegrationKeyListResponse(TypedDict):
    """The keys that are not revoked (document 000)."""

    keys: list[IntegrationKeyResponse]


def integration_key_response(key: ApiKey) -> IntegrationKeyResponse:
    """The key as document 000 lists it."""
    return {
        "id": str(key.id),
        "userId": key.user_id,
        "prefix": key.prefix,
        "name": key.name,
        "createdAt": rfc3339(key.created_at),
        "lastUsedAt": rfc3339_or_none(key.last_used_at),
        "revokedAt": rfc3339_or_none(key.revoked_at),
    }
