"""Statistics of attempts: counts per hour, and latency percentiles within the stated error."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.stats import (
    LAST_BUCKET,
    CountedAttempt,
    DayCounts,
    Percentiles,
    bucket,
    last_24_hours,
    last_days,
    percentiles,
    tally,
    together,
)

WEBHOOK = UUID(int=1)
DAY = date(2027, 3, 15)
MOMENT = datetime(2027, 3, 15, 13, 59, 59, 999_999, tzinfo=UTC)
LONGEST_MS = 2.0 ** (LAST_BUCKET / 4)

durations = st.floats(0, LONGEST_MS, allow_nan=False)


def attempt(hour: int = 0, *, failed: bool = False, latency_ms: float | None = None) -> CountedAttempt:
    return CountedAttempt("acct_1", WEBHOOK, DAY, MOMENT.replace(hour=hour), failed, latency_ms)


def exact(values: list[float], percent: int) -> float:
    """Return the nearest rank: the smallest value that at least `percent` percent of the values do not exceed."""
    return sorted(values)[math.ceil(percent * len(values) / 100) - 1]


def estimated(values: list[float]) -> Percentiles:
    found = percentiles(tally(attempt(latency_ms=value) for value in values).latencies)
    assert found is not None
    return found


def is_within_the_error(found: float, value: float) -> bool:
    return abs(found - value) < 1 if value <= 1 else abs(found - value) / value < 0.1


@given(st.lists(durations, min_size=1, max_size=300))
def test_percentiles_are_within_ten_percent_or_one_millisecond(values: list[float]) -> None:
    for percent, found in zip((50, 90, 95, 99), estimated(values), strict=True):
        assert is_within_the_error(found, exact(values, percent))


def test_percentiles_of_realistic_latencies_are_within_ten_percent() -> None:
    rng = Random(1)
    values = [rng.lognormvariate(4.5, 1.0) for _ in range(20_000)] + [15_000.0] * 150
    for percent, found in zip((50, 90, 95, 99), estimated(values), strict=True):
        assert is_within_the_error(found, exact(values, percent))


@given(durations)
def test_every_duration_has_a_bucket_whose_middle_is_close_to_it(value: float) -> None:
    number = bucket(value)
    assert 0 <= number <= LAST_BUCKET
    assert is_within_the_error(estimated([value]).p50, value)


@pytest.mark.parametrize(
    ("value", "number"),
    [(0, 0), (0.001, 0), (1, 0), (1.001, 1), (2, 4), (2.001, 5), (15_000, 56), (65_536, 64), (65_537, 64), (1e9, 64)],
)
def test_buckets_grow_by_a_quarter_of_a_doubling(value: float, number: int) -> None:
    assert bucket(value) == number


def test_percentiles_are_nearest_ranks() -> None:
    ninety_nine_and_one = {40: 99, 60: 1}
    assert percentiles(ninety_nine_and_one) == Percentiles(939.01, 939.01, 939.01, 939.01)
    found = percentiles({40: 98, 60: 2})
    assert found is not None
    assert (found.p95, found.p99) == (939.01, 30048.39)


def test_no_latencies_give_no_percentiles() -> None:
    assert percentiles({}) is None
    assert percentiles(tally([attempt(failed=True)]).latencies) is None


def test_attempts_are_counted_in_the_hour_in_which_they_were_made() -> None:
    made = [attempt(0), attempt(13, failed=True), attempt(13, latency_ms=3.0), attempt(23, failed=True, latency_ms=3.1)]
    counts = tally(made)
    assert counts == DayCounts(attempts={0: 1, 13: 2, 23: 1}, failures={13: 1, 23: 1}, latencies={7: 2})
    assert (counts.attempted, counts.failed) == (4, 2)


@given(st.lists(st.builds(attempt, st.integers(0, 23), failed=st.booleans(), latency_ms=st.none() | durations)))
def test_partial_counts_add_up_to_the_total(made: list[CountedAttempt]) -> None:
    half = len(made) // 2
    assert together([tally(made[:half]), tally(made[half:])]) == tally(made)
    assert together([]) == DayCounts()


def test_last_days_end_with_the_current_utc_day() -> None:
    late = datetime(2027, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-1)))
    assert last_days(3, now=late) == [date(2027, 2, 28), date(2027, 3, 1), date(2027, 3, 2)]
    assert last_days(1, now=late) == [date(2027, 3, 2)]


def test_last_24_hours_are_the_current_hour_and_23_before_it() -> None:
    yesterday = DayCounts(attempts={13: 9, 14: 2, 23: 3}, failures={14: 1})
    today = DayCounts(attempts={0: 4, 13: 5, 14: 9}, failures={13: 5})
    hours = last_24_hours({DAY: today, DAY - timedelta(days=1): yesterday}, now=MOMENT)
    assert [hour.start for hour in hours] == [
        datetime(2027, 3, 14, 14, tzinfo=UTC) + timedelta(hours=number) for number in range(24)
    ]
    counted = {(hour.start.day, hour.start.hour): (hour.attempts, hour.failed) for hour in hours if hour.attempts}
    assert counted == {(14, 14): (2, 1), (14, 23): (3, 0), (15, 0): (4, 0), (15, 13): (5, 5)}


def test_last_24_hours_without_attempts_are_24_zero_counts() -> None:
    assert [(hour.attempts, hour.failed) for hour in last_24_hours({}, now=MOMENT)] == [(0, 0)] * 24
