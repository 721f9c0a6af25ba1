"""Rate limits in response headers."""

from datetime import timedelta

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.limits import Credits, Refill
from latchhook.edge.rate_limits import rate_limit_headers, rate_limited, usage_exceeded
from latchhook.rates import RateLimit, to_micros
from tests.samples import MILLISECOND, NOW, SECOND, api_key

LIMIT = RateLimit(120, 60, 10)


@pytest.mark.parametrize("key", [None, api_key(), api_key(credits=Credits(5))])
def test_key_without_rate_limit_has_no_headers(key: ApiKey | None) -> None:
    assert rate_limit_headers(key, NOW) == {}


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (timedelta(), '"key";r=10;t=0'),
        (MILLISECOND, '"key";r=9;t=1'),
        (5 * SECOND - MILLISECOND, '"key";r=0;t=5'),
        (5 * SECOND, '"key";r=0;t=5'),
        (-SECOND, '"key";r=10;t=0'),
    ],
)
def test_headers_show_the_remaining_uses_and_the_time_until_all_are_back(ahead: timedelta, told: str) -> None:
    key = api_key(rate_limit=LIMIT, rate_full_at_micros=to_micros(NOW + ahead))

    assert rate_limit_headers(key, NOW) == {"ratelimit-policy": '"key";q=120;w=60', "ratelimit": told}


@pytest.mark.parametrize(
    ("ahead", "seconds"), [(5 * SECOND, "1"), (6 * SECOND, "2"), (6 * SECOND - MILLISECOND, "2"), (4 * SECOND, "1")]
)
def test_retry_after_is_at_least_a_second(ahead: timedelta, seconds: str) -> None:
    """The clock may have moved on since the refusal. A value of 0 would make all callers retry at once."""
    key = api_key(rate_limit=LIMIT, rate_full_at_micros=to_micros(NOW + ahead))

    assert rate_limited(key, NOW).headers["retry-after"] == seconds


def test_retry_after_of_credits_needs_a_refill() -> None:
    assert usage_exceeded(api_key(credits=Credits(0)), NOW).headers == {}
    refilled = api_key(credits=Credits(0, Refill(1, "daily"), NOW + SECOND))
    assert usage_exceeded(refilled, NOW).headers == {"retry-after": "1"}
