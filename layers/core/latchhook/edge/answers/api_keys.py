"""What the API key endpoints answer. No secret is in any of these but `key`, in the answers to create and rotate."""

from datetime import datetime
from typing import Any, Literal, TypedDict

from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.verification import Code, Verdict
from latchhook.clock import rfc3339, rfc3339_or_none


class ApiKeyAnswer(TypedDict):
    """An API key (contracts.md, "The object"); times are RFC 3339 UTC."""

    id: str
    accountId: str
    userId: str
    name: str
    description: str | None
    prefix: str
    keyPrefix: str
    scopes: list[str]
    profileId: str | None
    status: Literal["active", "revoked", "expired", "disabled"]
    createdAt: str
    updatedAt: str
    expiresAt: str | None
    lastUsedAt: str | None
    revokedAt: str | None
    requestCount: int
    metadata: dict[str, Any]
    rateLimit: dict[str, int] | None
    credits: dict[str, Any] | None
    ipAllowList: list[str]


class CreatedApiKeyAnswer(ApiKeyAnswer):
    """A new key with its full text, which is never shown again."""

    key: str


class RotatedApiKeyAnswer(ApiKeyAnswer):
    """A rotated key with its new text, and when the old one ends."""

    key: str
    previousKeyExpiresAt: str


class ApiKeyListAnswer(TypedDict):
    """A page of keys, newest first."""

    data: list[ApiKeyAnswer]
    nextCursor: str | None


class VerdictAnswer(TypedDict):
    """Whether a key is good, and what it may do. All is null when no key was found."""

    valid: bool
    code: Literal["VALID", "NOT_FOUND", "REVOKED", "DISABLED", "EXPIRED", "INSUFFICIENT_SCOPE"]
    keyId: str | None
    accountId: str | None
    scopes: list[str]
    profileId: str | None
    expiresAt: str | None
    rateLimit: dict[str, int] | None
    credits: dict[str, Any] | None
    metadata: dict[str, Any]


class GeneratedKeyAnswer(TypedDict):
    """Document 000's answer to `generate`."""

    apiKey: str
    name: str


class IntegrationKeyAnswer(TypedDict):
    """Document 000's key."""

    id: str
    userId: str
    prefix: str
    name: str
    createdAt: str
    lastUsedAt: str | None
    revokedAt: str | None


class IntegrationKeyListAnswer(TypedDict):
    """Document 000's list of keys that are not revoked."""

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
