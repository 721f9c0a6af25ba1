"""Time as it is written for people and for the store."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.clock import from_millis, rfc3339, rfc3339_or_none, to_millis, utc_now
from tests.samples import MILLISECOND, NOW

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS)
def test_the_store_keeps_a_moment_to_the_millisecond(moment: datetime) -> None:
    assert from_millis(to_millis(moment)) <= moment < from_millis(to_millis(moment)) + MILLISECOND


@given(MOMENTS)
def test_what_is_written_for_people_is_read_back_by_any_reader_of_rfc_3339(moment: datetime) -> None:
    assert datetime.fromisoformat(rfc3339(moment)) == from_millis(to_millis(moment))


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOW, "2027-03-15T12:00:00Z"),
        (NOW + timedelta(milliseconds=250), "2027-03-15T12:00:00.250Z"),
        (NOW + timedelta(microseconds=999), "2027-03-15T12:00:00Z"),
        (NOW.astimezone(timezone(timedelta(hours=-8))), "2027-03-15T12:00:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_moments_are_written_in_utc_with_milliseconds_where_there_are_any(moment: datetime, text: str) -> None:
    assert rfc3339(moment) == text


def test_what_has_not_happened_has_no_time() -> None:
    assert rfc3339_or_none(None) is None
    assert rfc3339_or_none(NOW) == rfc3339(NOW)


def test_the_systems_clock_is_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta()
