"""The time of the next attempt: the schedule, its jitter, and the receiver's `Retry-After`."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.settings import RETRY_SCHEDULE
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


def test_default_schedule_has_nine_retries() -> None:
    assert RETRY_SCHEDULE == SCHEDULE


@pytest.mark.parametrize(("attempt", "seconds"), list(enumerate(SCHEDULE, start=1)))
def test_each_failed_attempt_is_followed_by_its_own_wait(attempt: int, seconds: int) -> None:
    assert _due(attempt) == NOW + timedelta(seconds=seconds)


@given(st.integers(min_value=1, max_value=len(SCHEDULE)), st.randoms(use_true_random=False))
def test_jitter_changes_each_wait_by_at_most_a_fifth(attempt: int, rng: Random) -> None:
    due = _due(attempt, rng=rng)

    assert due is not None
    assert 0.8 * SCHEDULE[attempt - 1] <= (due - NOW).total_seconds() <= 1.2 * SCHEDULE[attempt - 1]


def test_jitter_covers_its_whole_range() -> None:
    waits = [(due - NOW).total_seconds() for seed in range(500) if (due := _due(2, rng=Random(seed)))]

    assert min(waits) < 245
    assert max(waits) > 355


@pytest.mark.parametrize("attempt", [len(SCHEDULE) + 1, len(SCHEDULE) + 2, 1000])
def test_delivery_ends_at_the_end_of_the_schedule(attempt: int) -> None:
    assert _due(attempt, status=503, retry_after="1") is None


def test_empty_schedule_has_no_retry() -> None:
    assert next_attempt_at(attempt=1, schedule_seconds=(), status=500, retry_after=None, now=NOW, rng=Random(1)) is None


@pytest.mark.parametrize("status", [429, 503])
def test_receiver_can_request_a_longer_wait(status: int) -> None:
    assert _due(status=status, retry_after="120") == NOW + timedelta(seconds=120)


@pytest.mark.parametrize("status", [429, 503])
def test_receiver_cannot_request_a_shorter_wait(status: int) -> None:
    assert _due(2, status=status, retry_after="120") == NOW + timedelta(seconds=300)


@pytest.mark.parametrize("status", [None, 301, 400, 404, 500, 502, 504])
def test_retry_after_is_ignored_for_other_statuses(status: int | None) -> None:
    assert _due(status=status, retry_after="120") == NOW + timedelta(seconds=5)


def test_retry_after_can_be_a_date() -> None:
    asked = NOW + timedelta(hours=2)

    assert _due(status=503, retry_after=format_datetime(asked, usegmt=True)) == asked


@pytest.mark.parametrize(
    "value", ["86401", "999999999", "9" * 5000, "Tue, 15 Mar 2044 12:00:00 GMT", "Mon, 01 Jan 9999 23:59:59 -2300"]
)
def test_requested_wait_is_limited_to_a_day(value: str) -> None:
    assert _due(status=503, retry_after=value) == NOW + DAY == NOW + LONGEST_ASKED_WAIT


@pytest.mark.parametrize("value", ["Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +2359", "0"])
def test_past_retry_after_keeps_the_schedule(value: str) -> None:
    assert _due(status=503, retry_after=value) == NOW + timedelta(seconds=5)


@pytest.mark.parametrize(
    "value",
    ["", " ", "soon", "-5", "1.5", "1e3", "٣", "²", "2027-03-15T13:00:00Z", "Mon, 99 Foo 2027", "12 GMT",
     f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT", "Mon, 01 Jan 2027 99:99:99 GMT", "\x00", "a" * 10_000],
)  # fmt: skip
def test_invalid_retry_after_keeps_the_schedule(value: str) -> None:
    assert _due(status=503, retry_after=value) == NOW + timedelta(seconds=5)


@given(st.text())
def test_any_retry_after_gives_a_time_within_a_day(value: str) -> None:
    due = _due(status=503, retry_after=value)

    assert due is not None
    assert NOW + timedelta(seconds=5) <= due <= NOW + DAY


@given(st.integers(min_value=0, max_value=86_400))
def test_seconds_are_counted_from_now(seconds: int) -> None:
    assert parse_retry_after(f" {seconds} ", NOW) == NOW + timedelta(seconds=seconds)


def test_date_without_a_zone_is_utc() -> None:
    assert parse_retry_after("Mon, 15 Mar 2027 14:00:00 -0000", NOW) == datetime(2027, 3, 15, 14, tzinfo=UTC)


@pytest.mark.parametrize("value", ["Mon, 15 Mar 2027 07:30:00 -0500", "Mon, 15 Mar 2027 12:30:00 GMT"])
def test_date_in_another_zone_is_converted_to_utc(value: str) -> None:
    asked = parse_retry_after(value, NOW)
    assert asked is not None
    assert (asked.isoformat(), asked.tzinfo) == ("2027-03-15T12:30:00+00:00", UTC)


def test_leading_zeros_are_ignored() -> None:
    assert parse_retry_after("0000000001200", NOW) == NOW + timedelta(seconds=1200)
    assert parse_retry_after("000", NOW) == NOW


def test_longest_possible_schedule_ends_before_its_event_expires() -> None:
    """`Retry-After` cannot extend it, because a requested wait is at most a day, the longest wait of a schedule."""
    longest = timedelta(seconds=MAX_RETRIES * MAX_WAIT_SECONDS * (1 + JITTER))
    assert longest < timedelta(days=template()["Parameters"]["RetentionDays"]["MinValue"])
    assert timedelta(seconds=MAX_WAIT_SECONDS) == LONGEST_ASKED_WAIT
