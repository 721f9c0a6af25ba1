"""How a caller's limits are told: by the fields of draft-ietf-httpapi-ratelimit-headers, and when one is reached."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from latchhook.api_keys.api_key import ApiKey


class LimitReachedError(Exception):
    """The caller's own key may not be used now. `code` is stable; `detail` is for people."""

    def __init__(self, code: str, detail: str, headers: Mapping[str, str]) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.headers = headers


def rate_limit_headers(key: ApiKey | None, now: datetime) -> dict[str, str]:
    """`RateLimit` and `RateLimit-Policy` for the key of the request; nothing where there is no limit.

    `q` is what may be used in a window of `w` seconds, `r` what may be used at once, `t` the seconds until that is all
    of the burst again.
    """
    if key is None or key.rate is None:
        return {}
    rate = key.rate
    return {
        "ratelimit-policy": f'"key";q={rate.limit.limit};w={rate.limit.window_seconds}',
        "ratelimit": f'"key";r={rate.remaining(now)};t={rate.reset_seconds(now)}',
    }


def rate_limited(key: ApiKey, now: datetime) -> LimitReachedError:
    """The refusal of a key whose rate limit is reached."""
    wait = 1 if key.rate is None else max(1, key.rate.retry_after_seconds(now))
    return LimitReachedError(
        "rate_limited",
        "The key's rate limit is reached; Retry-After says when it may be used again.",
        {"retry-after": str(wait), **rate_limit_headers(key, now)},
    )


def usage_exceeded(key: ApiKey, now: datetime) -> LimitReachedError:
    """The refusal of a key whose credits are spent. Without a refill nobody can say when there will be more."""
    wait = None if key.credits is None else key.credits.retry_after_seconds(now)
    return LimitReachedError(
        "usage_exceeded",
        "The key's credits are used up.",
        {**({} if wait is None else {"retry-after": str(wait)}), **rate_limit_headers(key, now)},
    )


CallKind = Literal["write", "slow"]
"""Calls that an account has a rate for: changes, and calls that occupy an environment for a second or more."""

_REACHED = {
    "write": "The account makes too many changes. Send the request again after the seconds in Retry-After.",
    "slow": (
        "The account sends too many test deliveries, filter tests, imports or bulk revocations. Send the request again"
        " after the seconds in Retry-After."
    ),
}


class CallRates(Protocol):
    """Counts the calls of accounts."""

    def take(self, account_id: str, kind: CallKind, *, now: datetime) -> int | None:
        """Counts a call; the seconds until the next may be made where the account's limit is reached."""


def account_rate_limited(kind: CallKind, wait_seconds: int) -> LimitReachedError:
    """The refusal of a call over the account's rate."""
    return LimitReachedError("account_rate_limited", _REACHED[kind], {"retry-after": str(wait_seconds)})
