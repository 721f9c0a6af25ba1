"""Rate limits and credits in responses: the headers of draft-ietf-httpapi-ratelimit-headers, and the 429 errors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from latchhook.api_keys.api_key import ApiKey


class LimitReachedError(Exception):
    """A limit of the caller's key or account is reached. `code` is stable; `detail` is for people."""

    def __init__(self, code: str, detail: str, headers: Mapping[str, str]) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.headers = headers


def rate_limit_headers(key: ApiKey | None, now: datetime) -> dict[str, str]:
    """Return `RateLimit` and `RateLimit-Policy` for the request's key; empty without a rate limit.

    `q` is the number of uses in a window of `w` seconds, `r` the number of uses left now, and `t` the seconds until
    the whole burst is available again.
    """
    if key is None or key.rate is None:
        return {}
    rate = key.rate
    return {
        "ratelimit-policy": f'"key";q={rate.limit.limit};w={rate.limit.window_seconds}',
        "ratelimit": f'"key";r={rate.remaining(now)};t={rate.reset_seconds(now)}',
    }


def rate_limited(key: ApiKey, now: datetime) -> LimitReachedError:
    """Return the error for a key whose rate limit is reached."""
    wait = 1 if key.rate is None else max(1, key.rate.retry_after_seconds(now))
    return LimitReachedError(
        "rate_limited",
        "The API key's rate limit is reached. Try again after the seconds in Retry-After.",
        {"retry-after": str(wait), **rate_limit_headers(key, now)},
    )


def usage_exceeded(key: ApiKey, now: datetime) -> LimitReachedError:
    """Return the error for a key without credits. It has a `Retry-After` only if the credits are refilled."""
    wait = None if key.credits is None else key.credits.retry_after_seconds(now)
    return LimitReachedError(
        "usage_exceeded",
        "The API key has no credits left.",
        {**({} if wait is None else {"retry-after": str(wait)}), **rate_limit_headers(key, now)},
    )


CallKind = Literal["write", "slow"]
"""Calls that count toward an account's rate limits: changes, and calls that run for a second or more."""

_REACHED = {
    "write": "The account made too many changes. Try again after the seconds in Retry-After.",
    "slow": (
        "The account made too many test deliveries, filter tests, imports or bulk revocations. Try again"
        " after the seconds in Retry-After."
    ),
}


class CallRates(Protocol):
    """Counts calls per account."""

    def take(self, account_id: str, kind: CallKind, *, now: datetime) -> int | None:
        """Count a call. Return None, or the seconds until the next permitted call if the limit is reached."""


def account_rate_limited(kind: CallKind, wait_seconds: int) -> LimitReachedError:
    """Return the error for a call over the account's rate limit."""
    return LimitReachedError("account_rate_limited", _REACHED[kind], {"retry-after": str(wait_seconds)})
