"""When the next attempt comes: the schedule, its jitter, and what a receiver may ask for."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.settings import from_environment
from latchhook.webhooks.retry_schedule import (
    JITTER,
    LONGEST_ASKED_WAIT,
    MAX_RETRIES,
    MAX_WAIT_SECONDS,
    next_attempt_at,
    parse_retry_after,
)
from tests.samples import NOW
from tests.template_tables import template

SCHEDULE = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
DAY = timedelta(days=1)


class MiddleOfTheJitter(Random):
    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def _due(
    attempt: int = 1, *, status: int | None = 500, retry_after: str | None = None, rng: Random | None = None
) -> datetime | None:
    return next_attempt_at(
        attempt=attempt,
        schedule_seconds=SCHEDULE,
        status=status,
        retry_after=retry_after,
        now=NOW,
        rng=rng or MiddleOfTheJitter(),
    )


def test_the_default_schedule_is_the_contracts() -> None:
    assert from_environment({}).retry_schedule_seconds == SCHEDULE


@pytest.mark.parametrize(("attempt", "seconds"), list(enumerate(SCHEDULE, start=1)))
def test_each_failed_attempt_is_followed_after_its_own_wait(attempt: int, seconds: int) -> None:
    assert _due(attempt) == NOW + timedelta(seconds=seconds)


@given(st.integers(min_value=1, max_value=len(SCHEDULE)), st.randoms(use_true_random=False))
def test_each_wait_is_spread_by_a_fifth_at_most(attempt: int, rng: Random) -> None:
    due = _due(attempt, rng=rng)

    assert due is not None
    assert 0.8 * SCHEDULE[attempt - 1] <= (due - NOW).total_seconds() <= 1.2 * SCHEDULE[attempt - 1]


def test_the_jitter_reaches_both_ends() -> None:
    waits = [(due - NOW).total_seconds() for seed in range(500) if (due := _due(2, rng=Random(seed)))]

    assert min(waits) < 245
    assert max(waits) > 355


@pytest.mark.parametrize("attempt", [len(SCHEDULE) + 1, len(SCHEDULE) + 2, 1000])
def test_a_schedule_that_is_used_up_ends_the_delivery(attempt: int) -> None:
    assert _due(attempt, status=503, retry_after="1") is None


def test_an_empty_schedule_has_no_retry() -> None:
    assert next_attempt_at(attempt=1, schedule_seconds=(), status=500, retry_after=None, now=NOW, rng=Random(1)) is None


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_asks_for_more_time_gets_it(status: int) -> None:
    assert _due(status=status, retry_after="120") == NOW + timedelta(seconds=120)


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_asks_for_less_time_gets_the_schedule(status: int) -> None:
    assert _due(2, status=status, retry_after="120") == NOW + timedelta(seconds=300)


@pytest.mark.parametrize("status", [None, 301, 400, 404, 500, 502, 504])
def test_retry_after_says_nothing_beside_other_statuses(status: int | None) -> None:
    assert _due(status=status, retry_after="120") == NOW + timedelta(seconds=5)


def test_a_receiver_may_ask_by_date() -> None:
    asked = NOW + timedelta(hours=2)

    assert _due(status=503, retry_after=format_datetime(asked, usegmt=True)) == asked


@pytest.mark.parametrize(
    "value", ["86401", "999999999", "9" * 5000, "Tue, 15 Mar 2044 12:00:00 GMT", "Mon, 01 Jan 9999 23:59:59 -2300"]
)
def test_a_huge_wait_is_cut_to_a_day(value: str) -> None:
    assert _due(status=503, retry_after=value) == NOW + DAY == NOW + LONGEST_ASKED_WAIT


@pytest.mark.parametrize("value", ["Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +2359", "0"])
def test_a_time_that_has_passed_leaves_the_schedule(value: str) -> None:
    assert _due(status=503, retry_after=value) == NOW + timedelta(seconds=5)


@pytest.mark.parametrize(
    "value",
    ["", " ", "soon", "-5", "1.5", "1e3", "٣", "²", "2027-03-15T13:00:00Z", "Mon, 99 Foo 2027", "12 GMT",
     f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT", "Mon, 01 Jan 2027 99:99:99 GMT", "\x00", "a" * 10_000],
)  # fmt: skip
def test_garbage_leaves_the_schedule(value: str) -> None:
    assert _due(status=503, retry_after=value) == NOW + timedelta(seconds=5)


@given(st.text())
def test_no_header_stops_the_retries(value: str) -> None:
    due = _due(status=503, retry_after=value)

    assert due is not None
    assert NOW + timedelta(seconds=5) <= due <= NOW + DAY


@given(st.integers(min_value=0, max_value=86_400))
def test_seconds_are_counted_from_now(seconds: int) -> None:
    assert parse_retry_after(f" {seconds} ", NOW) == NOW + timedelta(seconds=seconds)


def test_a_date_without_a_zone_is_utc() -> None:
    assert parse_retry_after("Mon, 15 Mar 2027 14:00:00 -0000", NOW) == datetime(2027, 3, 15, 14, tzinfo=UTC)


@pytest.mark.parametrize("value", ["Mon, 15 Mar 2027 07:30:00 -0500", "Mon, 15 Mar 2027 12:30:00 GMT"])
def test_a_date_in_another_zone_is_its_own_moment_in_utc(value: str) -> None:
    asked = parse_retry_after(value, NOW)
    assert asked is not None
    assert (asked.isoformat(), asked.tzinfo) == ("2027-03-15T12:30:00+00:00", UTC)


def test_leading_zeros_say_nothing() -> None:
    assert parse_retry_after("0000000001200", NOW) == NOW + timedelta(seconds=1200)
    assert parse_retry_after("000", NOW) == NOW


def test_a_webhooks_longest_schedule_ends_before_its_event_is_forgotten() -> None:
    """Receivers can't prolong it: a wait that they ask for is a day at most, as each of these is."""
    longest = timedelta(seconds=MAX_RETRIES * MAX_WAIT_SECONDS * (1 + JITTER))
    assert longest < timedelta(days=template()["Parameters"]["RetentionDays"]["MinValue"])
    assert timedelta(seconds=MAX_WAIT_SECONDS) == LONGEST_ASKED_WAIT
