"""How limits are told in headers."""

from datetime import timedelta

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.limits import Credits, Refill
from latchhook.edge.rate_limits import rate_limit_headers, rate_limited, usage_exceeded
from latchhook.rates import RateLimit, to_micros
from tests.samples import MILLISECOND, NOW, SECOND, api_key

LIMIT = RateLimit(120, 60, 10)


@pytest.mark.parametrize("key", [None, api_key(), api_key(credits=Credits(5))])
def test_without_a_rate_limit_nothing_is_told(key: ApiKey | None) -> None:
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
def test_the_fields_of_the_draft_say_what_is_left_and_when_all_of_it_is_there_again(
    ahead: timedelta, told: str
) -> None:
    key = api_key(rate_limit=LIMIT, rate_full_at_micros=to_micros(NOW + ahead))

    assert rate_limit_headers(key, NOW) == {"ratelimit-policy": '"key";q=120;w=60', "ratelimit": told}


@pytest.mark.parametrize(
    ("ahead", "seconds"), [(5 * SECOND, "1"), (6 * SECOND, "2"), (6 * SECOND - MILLISECOND, "2"), (4 * SECOND, "1")]
)
def test_whoever_is_refused_is_told_at_least_a_second(ahead: timedelta, seconds: str) -> None:
    """Also where the clock has moved on since: an answer of 0 would have everybody come at once."""
    key = api_key(rate_limit=LIMIT, rate_full_at_micros=to_micros(NOW + ahead))

    assert rate_limited(key, NOW).headers["retry-after"] == seconds


def test_without_a_refill_nobody_can_say_when_there_are_more_credits() -> None:
    assert usage_exceeded(api_key(credits=Credits(0)), NOW).headers == {}
    refilled = api_key(credits=Credits(0, Refill(1, "daily"), NOW + SECOND))
    assert usage_exceeded(refilled, NOW).headers == {"retry-after": "1"}
