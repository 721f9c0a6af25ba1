"""What an API key looks like in answers. No secret is in it but `key`, in the answers to create and rotate."""

from datetime import datetime
from typing import Any, Literal, TypedDict

from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.limits import Credits
from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.rates import RateLimit


class RateLimitResponse(TypedDict):
    """How often a key may be used."""

    limit: int
    """Uses in a window, spread evenly."""
    windowSeconds: int
    burst: int
    """Uses that may come at once."""


class RateStandingResponse(RateLimitResponse):
    """How often a key may be used, and how that stands."""

    remaining: int
    """Uses that may come at once, now."""
    retryAfterSeconds: int
    """Seconds until the next use may come; 0 if one may come now."""
    resetSeconds: int
    """Seconds until all of the burst may be used again."""


class RefillResponse(TypedDict):
    """When credits come again."""

    amount: int
    """What they are set to."""
    interval: Literal["daily", "monthly"]
    nextAt: Moment


class CreditsResponse(TypedDict):
    """What a key has left to spend."""

    remaining: int
    refill: RefillResponse | None


class ApiKeyResponse(TypedDict):
    """An API key (contracts.md, "The object"), without its secret."""

    id: Uuid
    accountId: str
    userId: str
    """The user who created it; for a key that a key created, that key's user."""
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
    rateLimit: RateLimitResponse | None
    credits: CreditsResponse | None
    ipAllowList: list[str]
    """Addresses and CIDR blocks that it may be used from; from everywhere if there are none."""


class CreatedApiKeyResponse(ApiKeyResponse):
    """A new key with its text."""

    key: str | None
    """The key's full text. It is never shown again: null when an `Idempotency-Key` asks for what was done before."""


class RotatedApiKeyResponse(ApiKeyResponse):
    """A rotated key with its new text, and when the old one ends."""

    key: str | None
    """The key's new full text. Never shown again: null when an `Idempotency-Key` asks for what was done before."""
    previousKeyExpiresAt: Moment | None
    """The first moment at which the text before this one is refused."""


class CurrentApiKeyResponse(ApiKeyResponse):
    """The key of the request, and what it may do."""

    grantedScopes: list[str]
    """Its own scopes and its profile's, less what that denies."""


class ApiKeyListResponse(TypedDict):
    """A page of keys, newest first. A search's page may be short, or empty, and not be the last."""

    data: list[ApiKeyResponse]
    nextCursor: str | None
    """Where the next page starts; null on the last one."""


def api_key_response(key: ApiKey, now: datetime) -> ApiKeyResponse:
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
        "profileId": None if key.profile_id is None else str(key.profile_id),
        "status": status,
        "createdAt": rfc3339(key.created_at),
        "updatedAt": rfc3339(key.updated_at),
        "expiresAt": rfc3339_or_none(key.expires_at),
        "lastUsedAt": rfc3339_or_none(key.last_used_at),
        "revokedAt": rfc3339_or_none(key.revoked_at),
        "requestCount": key.request_count_at(now),
        "metadata": dict(key.metadata),
        "rateLimit": None if key.rate_limit is None else rate_limit_response(key.rate_limit),
        "credits": credits_response(key.credits, now),
        "ipAllowList": list(key.ip_allow_list),
    }


def rate_limit_response(rate: RateLimit) -> RateLimitResponse:
    """A rate limit as it is set."""
    return {"limit": rate.limit, "windowSeconds": rate.window_seconds, "burst": rate.burst}


def credits_response(left: Credits | None, now: datetime) -> CreditsResponse | None:
    """Credits as they are at `now`."""
    if left is None:
        return None
    refill, next_at = left.refill, left.next_refill(now)
    if refill is None or next_at is None:
        return {"remaining": left.remaining(now), "refill": None}
    return {
        "remaining": left.remaining(now),
        "refill": {"amount": refill.amount, "interval": refill.interval, "nextAt": rfc3339(next_at)},
    }
