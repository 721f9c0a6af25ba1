"""Times in responses and in the store."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.clock import from_millis, rfc3339, rfc3339_or_none, to_millis, utc_now
from tests.samples import MILLISECOND, NOW

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS)
def test_stored_time_has_millisecond_precision(moment: datetime) -> None:
    assert from_millis(to_millis(moment)) <= moment < from_millis(to_millis(moment)) + MILLISECOND


@given(MOMENTS)
def test_rfc3339_time_can_be_parsed_back(moment: datetime) -> None:
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
def test_time_is_written_in_utc_with_milliseconds_if_there_are_any(moment: datetime, text: str) -> None:
    assert rfc3339(moment) == text


def test_missing_time_is_written_as_none() -> None:
    assert rfc3339_or_none(None) is None
    assert rfc3339_or_none(NOW) == rfc3339(NOW)


def test_system_clock_is_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta()
