"""Response bodies with API keys. Only `key`, in the responses to create and rotate, contains a secret."""

from datetime import datetime
from typing import Any, Literal, TypedDict

from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.billing import CALENDAR_MONTH, BillingDay
from latchhook.api_keys.limits import Credits
from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.rates import RateLimit


class RateLimitResponse(TypedDict):
    """The rate limit of a key."""

    limit: int
    """The number of uses per window."""
    windowSeconds: int
    """The length of the window in seconds."""
    burst: int
    """The number of uses that can follow each other immediately. Further uses are spread evenly over the window."""


class RateStandingResponse(RateLimitResponse):
    """The rate limit of a key and its current state."""

    remaining: int
    """The number of uses that are possible now."""
    retryAfterSeconds: int
    """Seconds until the next use is possible. 0 if a use is possible now."""
    resetSeconds: int
    """Seconds until the whole burst is available again."""


class RefillResponse(TypedDict):
    """The refill of a key's credits."""

    amount: int
    """The number of credits after a refill."""
    interval: Literal["daily", "monthly"]
    """Credits are refilled at the start of each UTC day or each calendar month in UTC."""
    nextAt: Moment
    """The time of the next refill."""


class CreditsResponse(TypedDict):
    """The credits of a key."""

    remaining: int
    """The number of credits that the key can spend until the next refill."""
    refill: RefillResponse | None
    """The refill; null if the credits are not refilled."""


class ApiKeyResponse(TypedDict):
    """An API key without its secret."""

    id: Uuid
    accountId: str
    userId: str
    """The user who created the key. If another key created it, the user of that key."""
    ownerUserId: str
    """The user who owns the key: the creator, unless another user was chosen."""
    followsOwner: bool
    """Whether the key grants only what its owner, a member of the account, may do at the moment of the request."""
    name: str
    description: str | None
    prefix: str
    """The first characters of the key text, which identify the key and are not secret."""
    keyPrefix: str
    """The first 12 characters of the key text, which are not secret."""
    scopes: list[str]
    """The key's own scopes, without those of its permission profile."""
    profileId: Uuid | None
    """The id of the key's permission profile; null if the key has no profile."""
    status: Literal["active", "revoked", "expired", "disabled"]
    createdAt: Moment
    updatedAt: Moment
    rotatedAt: Moment | None
    """The time of the last rotation; null if the key was never rotated."""
    expiresAt: Moment | None
    """The time from which the key is refused; null if the key never expires."""
    lastUsedAt: Moment | None
    revokedAt: Moment | None
    requestCount: int
    """The exact number of accepted requests in the current billing period: the calendar month (UTC), or from the
    account's billing day on."""
    metadata: dict[str, Any]
    """The caller's own data about the key."""
    rateLimit: RateLimitResponse | None
    """The key's rate limit; null if the key has no rate limit."""
    credits: CreditsResponse | None
    """The key's credits; null if the number of uses is not limited."""
    ipAllowList: list[str]
    """The IP addresses and CIDR blocks that can use the key. An empty list allows all addresses."""


class CreatedApiKeyResponse(ApiKeyResponse):
    """A new API key with its key text."""

    key: str | None
    """The full key text, which only this response contains. Null in the response to a repeated request."""


class RotatedApiKeyResponse(ApiKeyResponse):
    """A rotated API key with its new key text."""

    key: str | None
    """The new full key text, which only this response contains. Null in the response to a repeated request."""
    previousKeyExpiresAt: Moment | None
    """The time from which the previous key text is refused."""


class CurrentApiKeyResponse(ApiKeyResponse):
    """The API key that authenticates the request, with the scopes that it grants."""

    grantedScopes: list[str]
    """The key's own scopes and those that its permission profile allows, without those that the profile denies."""


class ApiKeyListResponse(TypedDict):
    """A page of API keys, newest first. A page of a search can be short or empty without being the last."""

    data: list[ApiKeyResponse]
    nextCursor: str | None
    """The `cursor` of the next page; null on the last page."""


def api_key_response(key: ApiKey, now: datetime, billing: BillingDay = CALENDAR_MONTH) -> ApiKeyResponse:
    """Return the response body of a key at `now`."""
    status: Status = key.status_at(now)
    return {
        "id": str(key.id),
        "accountId": key.account_id,
        "userId": key.user_id,
        "ownerUserId": key.owner_user_id,
        "followsOwner": key.follows_owner,
        "name": key.name,
        "description": key.description,
        "prefix": key.prefix,
        "keyPrefix": key.key_prefix,
        "scopes": list(key.scopes),
        "profileId": None if key.profile_id is None else str(key.profile_id),
        "status": status,
        "createdAt": rfc3339(key.created_at),
        "updatedAt": rfc3339(key.updated_at),
        "rotatedAt": rfc3339_or_none(key.rotated_at),
        "expiresAt": rfc3339_or_none(key.expires_at),
        "lastUsedAt": rfc3339_or_none(key.last_used_at),
        "revokedAt": rfc3339_or_none(key.revoked_at),
        "requestCount": key.request_count_at(now, billing),
        "metadata": dict(key.metadata),
        "rateLimit": None if key.rate_limit is None else rate_limit_response(key.rate_limit),
        "credits": credits_response(key.credits, now),
        "ipAllowList": list(key.ip_allow_list),
    }


def rate_limit_response(rate: RateLimit) -> RateLimitResponse:
    """Return the response body of a rate limit."""
    return {"limit": rate.limit, "windowSeconds": rate.window_seconds, "burst": rate.burst}


def credits_response(left: Credits | None, now: datetime) -> CreditsResponse | None:
    """Return the response body of credits at `now`."""
    if left is None:
        return None
    refill, next_at = left.refill, left.next_refill(now)
    if refill is None or next_at is None:
        return {"remaining": left.remaining(now), "refill": None}
    return {
        "remaining": left.remaining(now),
        "refill": {"amount": refill.amount, "interval": refill.interval, "nextAt": rfc3339(next_at)},
    }
