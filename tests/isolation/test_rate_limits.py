"""No window has more attempts than a webhook's rate limit, even if messages are late or repeated."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latchhook.rates import RateLimit
from tests.isolation.receivers import most_in_any
from tests.isolation.stack import Stack
from tests.samples import webhook

LIMITS = st.builds(lambda limit, window: RateLimit(limit, window, burst=1), st.integers(1, 12), st.integers(1, 12))


def _stack(limit: RateLimit, disorder: Random | None, *, seconds: float, at_once: int, every_seconds: float) -> Stack:
    limited = webhook(1, rate_limit=limit)
    stack = Stack([limited], lambda _: seconds, disorder=disorder)
    stack.publish(limited, every_seconds=0, times=at_once)
    stack.publish(limited, every_seconds=every_seconds, times=20, after=0.3)
    stack.retry(limited, every_seconds=every_seconds, times=10, after=2.9)
    stack.run()
    return stack


@settings(max_examples=10)
@given(LIMITS, st.integers(0, 2**32), st.sampled_from([0.02, 0.7]), st.integers(0, 30), st.floats(0.01, 3))
def test_no_window_has_more_attempts_than_the_limit(
    limit: RateLimit, seed: int, seconds: float, at_once: int, every_seconds: float
) -> None:
    stack = _stack(limit, Random(seed), seconds=seconds, at_once=at_once, every_seconds=every_seconds)
    assert len(stack.made) == at_once + 30
    (calls,) = stack.calls.values()
    assert most_in_any(limit.window_seconds, calls.began) <= limit.limit


@pytest.mark.parametrize(("limit", "window"), [(1, 1), (3, 2), (30, 10), (50, 1)])
def test_rate_is_the_limit_minus_the_tolerance_at_most(limit: int, window: int) -> None:
    stack = _stack(RateLimit(limit, window, burst=1), None, seconds=0.1, at_once=150, every_seconds=0.01)
    (calls,) = stack.calls.values()
    assert len(calls.began) == 180
    assert most_in_any(window, calls.began) <= limit
    assert max(calls.began) <= 180 * 1.25 * window / limit + 3
