"""What the API key endpoints answer. No secret is in any of these but `key`, in the answers to create and rotate."""

from datetime import datetime
from typing import Any, Literal, TypedDict

from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.verification import Code, Verdict
from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.answers.formats import Moment, Uuid


class ApiKeyAnswer(TypedDict):
    """An API key (contracts.md, "The object"), without its secret."""

    id: Uuid
    accountId: str
    userId: str
    """Who created it."""
    name: str
    description: str | None
    prefix: str
    """The first characters of the key's text, to recognise it by. They are no secret."""
    keyPrefix: str
    """The first 12 characters of the key's text. They are no secret."""
    scopes: list[str]
    """What it may do."""
    profileId: Uuid | None
    """The permission profile it has, if any."""
    status: Literal["active", "revoked", "expired", "disabled"]
    createdAt: Moment
    updatedAt: Moment
    expiresAt: Moment | None
    """The first moment at which it is refused; null if it never expires."""
    lastUsedAt: Moment | None
    revokedAt: Moment | None
    requestCount: int
    """Accepted requests in this billing period, a calendar month in UTC; exact."""
    metadata: dict[str, Any]
    """What its creator keeps with it."""
    rateLimit: dict[str, int] | None
    credits: dict[str, Any] | None
    ipAllowList: list[str]


class CreatedApiKeyAnswer(ApiKeyAnswer):
    """A new key with its text."""

    key: str
    """The key's full text. It is never shown again."""


class RotatedApiKeyAnswer(ApiKeyAnswer):
    """A rotated key with its new text, and when the old one ends."""

    key: str
    """The key's new full text. It is never shown again."""
    previousKeyExpiresAt: Moment
    """The first moment at which the text before this one is refused."""


class ApiKeyListAnswer(TypedDict):
    """A page of keys, newest first."""

    data: list[ApiKeyAnswer]
    nextCursor: str | None
    """Where the next page starts; null on the last one."""


class VerdictAnswer(TypedDict):
    """Whether a key is good, and what it may do. What describes the key is null or empty when none was found."""

    valid: bool
    """Whether the key may be used for what was asked."""
    code: Literal["VALID", "NOT_FOUND", "REVOKED", "DISABLED", "EXPIRED", "INSUFFICIENT_SCOPE"]
    """Why, or why not."""
    keyId: Uuid | None
    accountId: str | None
    scopes: list[str]
    profileId: Uuid | None
    expiresAt: Moment | None
    rateLimit: dict[str, int] | None
    credits: dict[str, Any] | None
    metadata: dict[str, Any]


class GeneratedKeyAnswer(TypedDict):
    """A new key (document 000)."""

    apiKey: str
    """The key's full text. It is never shown again."""
    name: str


class IntegrationKeyAnswer(TypedDict):
    """An API key as the integration endpoints show it (document 000)."""

    id: Uuid
    userId: str
    """Who created it."""
    prefix: str
    """The first characters of the key's text, to recognise it by. They are no secret."""
    name: str
    createdAt: Moment
    lastUsedAt: Moment | None
    revokedAt: Moment | None
    """Always null: revoked keys are not listed."""


class IntegrationKeyListAnswer(TypedDict):
    """The keys that are not revoked (document 000)."""

    keys: list[IntegrationKeyAnswer]


def api_key_answer(key: ApiKey, now: datetime) -> ApiKeyAnswer:
    """The object as it stands at `now`."""
    status: Status = key.status_at(now)
    return {
        "id": str(key.id),
        "accountId": key.account_id,
        "userId": key.user_id,
        "name": key.name,
        "description": key.description,
        "prefix": key.prefix,
        "keyPrefix": key.key_prefix,
        "scopes": list(key.scopes),
        "profileId": None,
        "status": status,
        "createdAt": rfc3339(key.created_at),
        "updatedAt": rfc3339(key.updated_at),
        "expiresAt": rfc3339_or_none(key.expires_at),
        "lastUsedAt": rfc3339_or_none(key.last_used_at),
        "revokedAt": rfc3339_or_none(key.revoked_at),
        "requestCount": key.request_count_at(now),
        "metadata": dict(key.metadata),
        "rateLimit": None,
        "credits": None,
        "ipAllowList": [],
    }


def verdict_answer(verdict: Verdict) -> VerdictAnswer:
    """The verdict; who asks may know all of a key whose secret they hold."""
    key = verdict.key
    code: Code = verdict.code
    return {
        "valid": verdict.valid,
        "code": code,
        "keyId": None if key is None else str(key.id),
        "accountId": None if key is None else key.account_id,
        "scopes": [] if key is None else list(key.scopes),
        "profileId": None,
        "expiresAt": None if key is None else rfc3339_or_none(key.expires_at),
        "rateLimit": None,
        "credits": None,
        "metadata": {} if key is None else dict(key.metadata),
    }


def integration_key_answer(key: ApiKey) -> IntegrationKeyAnswer:
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
