"""What the API key endpoints answer. No secret is in any of these but `key`, in the answers to create and rotate."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypedDict
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.bulk_revocation import Revocation
from latchhook.api_keys.limits import Credits, RateLimit, RateStanding
from latchhook.api_keys.usage import Usage, last_days
from latchhook.api_keys.verification import Code, Verdict
from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.answers.formats import Moment, Uuid
from latchhook.permissions.scopes import Catalogue


class RateLimitAnswer(TypedDict):
    """How often a key may be used."""

    limit: int
    """Uses in a window, spread evenly."""
    windowSeconds: int
    burst: int
    """Uses that may come at once."""


class RateStandingAnswer(RateLimitAnswer):
    """How often a key may be used, and how that stands."""

    remaining: int
    """Uses that may come at once, now."""
    retryAfterSeconds: int
    """Seconds until the next use may come; 0 if one may come now."""
    resetSeconds: int
    """Seconds until all of the burst may be used again."""


class RefillAnswer(TypedDict):
    """When credits come again."""

    amount: int
    """What they are set to."""
    interval: Literal["daily", "monthly"]
    nextAt: Moment


class CreditsAnswer(TypedDict):
    """What a key has left to spend."""

    remaining: int
    refill: RefillAnswer | None


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
    rateLimit: RateLimitAnswer | None
    credits: CreditsAnswer | None
    ipAllowList: list[str]
    """Addresses and CIDR blocks that it may be used from; from everywhere if there are none."""


class CreatedApiKeyAnswer(ApiKeyAnswer):
    """A new key with its text."""

    key: str | None
    """The key's full text. It is never shown again: null when an `Idempotency-Key` asks for what was done before."""


class RotatedApiKeyAnswer(ApiKeyAnswer):
    """A rotated key with its new text, and when the old one ends."""

    key: str | None
    """The key's new full text. Never shown again: null when an `Idempotency-Key` asks for what was done before."""
    previousKeyExpiresAt: Moment | None
    """The first moment at which the text before this one is refused."""


class CurrentApiKeyAnswer(ApiKeyAnswer):
    """The key of the request, and what it may do."""

    grantedScopes: list[str]
    """Its own scopes and its profile's, less what that denies."""


class ApiKeyListAnswer(TypedDict):
    """A page of keys, newest first. A search's page may be short, or empty, and not be the last."""

    data: list[ApiKeyAnswer]
    nextCursor: str | None
    """Where the next page starts; null on the last one."""


class VerdictAnswer(TypedDict):
    """Whether a key is good, and what it may do. What describes the key is null or empty when none was found."""

    valid: bool
    """Whether the key may be used for what was asked."""
    code: Literal[
        "VALID",
        "NOT_FOUND",
        "REVOKED",
        "EXPIRED",
        "DISABLED",
        "INSUFFICIENT_SCOPE",
        "IP_NOT_ALLOWED",
        "RATE_LIMITED",
        "USAGE_EXCEEDED",
    ]
    """Why, or why not."""
    keyId: Uuid | None
    accountId: str | None
    name: str | None
    scopes: list[str]
    """What it may do, its profile counted in; empty where it is refused for another reason than its scopes."""
    profileId: Uuid | None
    expiresAt: Moment | None
    rateLimit: RateStandingAnswer | None
    credits: CreditsAnswer | None
    metadata: dict[str, Any]


class VerdictListAnswer(TypedDict):
    """The verdicts of a batch, in its order."""

    data: list[VerdictAnswer]


class DayOfUseAnswer(TypedDict):
    """One UTC day of a key."""

    day: Annotated[str, "date"]
    requests: int
    """Accepted requests; exact."""
    refused: dict[str, int]
    """Refused verifications by code."""


class UsageAnswer(TypedDict):
    """A key's use by day, the oldest first; the last one is today, as far as it has come."""

    keyId: Uuid
    requests: int
    """Accepted requests of all these days."""
    data: list[DayOfUseAnswer]


class RevocationAnswer(TypedDict):
    """What became of one key."""

    id: Uuid
    outcome: Literal["revoked", "would_be_revoked", "not_found"]
    name: str | None
    prefix: str | None


class BulkRevocationAnswer(TypedDict):
    """What became of the keys that were found."""

    dryRun: bool
    data: list[RevocationAnswer]
    nextCursor: str | None
    """Where to go on in an account of more than 1,000 keys; null when all is done."""


class ImportedKeyAnswer(TypedDict):
    """What became of one imported key."""

    id: Uuid
    outcome: Literal["created", "exists"]
    """`exists`: there is a key with that hash already, and it stays as it is."""


class ImportAnswer(TypedDict):
    """What became of each key, in the order of the request."""

    data: list[ImportedKeyAnswer]


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
        "profileId": None if key.profile_id is None else str(key.profile_id),
        "status": status,
        "createdAt": rfc3339(key.created_at),
        "updatedAt": rfc3339(key.updated_at),
        "expiresAt": rfc3339_or_none(key.expires_at),
        "lastUsedAt": rfc3339_or_none(key.last_used_at),
        "revokedAt": rfc3339_or_none(key.revoked_at),
        "requestCount": key.request_count_at(now),
        "metadata": dict(key.metadata),
        "rateLimit": None if key.rate_limit is None else _rate_limit(key.rate_limit),
        "credits": _credits(key.credits, now),
        "ipAllowList": list(key.ip_allow_list),
    }


def verdict_answer(verdict: Verdict, catalogue: Catalogue, now: datetime) -> VerdictAnswer:
    """The verdict; who asks may know all of a key whose secret they hold."""
    key = verdict.key
    code: Code = verdict.code
    if key is None:
        return {
            "valid": verdict.valid,
            "code": code,
            "keyId": None,
            "accountId": None,
            "name": None,
            "scopes": [],
            "profileId": None,
            "expiresAt": None,
            "rateLimit": None,
            "credits": None,
            "metadata": {},
        }
    return {
        "valid": verdict.valid,
        "code": code,
        "keyId": str(key.id),
        "accountId": key.account_id,
        "name": key.name,
        "scopes": list(verdict.grants.listed(catalogue)),
        "profileId": None if key.profile_id is None else str(key.profile_id),
        "expiresAt": rfc3339_or_none(key.expires_at),
        "rateLimit": None if key.rate is None else _rate_standing(key.rate, now),
        "credits": _credits(key.credits, now),
        "metadata": dict(key.metadata),
    }


def usage_answer(key_id: UUID, usage: Usage, days: int, now: datetime) -> UsageAnswer:
    """The last `days` days, those without any use too."""
    data: list[DayOfUseAnswer] = []
    for moment in last_days(days, now=now):
        day = f"{moment:%Y%m%d}"
        refused = dict(sorted(usage.refused.get(day, {}).items()))
        data.append({"day": f"{moment:%Y-%m-%d}", "requests": usage.requests.get(day, 0), "refused": refused})
    return {"keyId": str(key_id), "requests": sum(one["requests"] for one in data), "data": data}


def revocation_answer(one: Revocation) -> RevocationAnswer:
    """One key of a bulk revocation."""
    key = one.key
    return {
        "id": str(one.key_id),
        "outcome": one.outcome,
        "name": None if key is None else key.name,
        "prefix": None if key is None else key.prefix,
    }


def _rate_limit(rate: RateLimit) -> RateLimitAnswer:
    return {"limit": rate.limit, "windowSeconds": rate.window_seconds, "burst": rate.burst}


def _rate_standing(rate: RateStanding, now: datetime) -> RateStandingAnswer:
    return {
        **_rate_limit(rate.limit),
        "remaining": rate.remaining(now),
        "retryAfterSeconds": rate.retry_after_seconds(now),
        "resetSeconds": rate.reset_seconds(now),
    }


def _credits(left: Credits | None, now: datetime) -> CreditsAnswer | None:
    if left is None:
        return None
    refill, next_at = left.refill, left.next_refill(now)
    if refill is None or next_at is None:
        return {"remaining": left.remaining(now), "refill": None}
    return {
        "remaining": left.remaining(now),
        "refill": {"amount": refill.amount, "interval": refill.interval, "nextAt": rfc3339(next_at)},
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
