"""The days of a usage report."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from latchhook.api_keys.usage import MAX_DAYS, last_days


@given(
    st.integers(1, MAX_DAYS),
    st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_each_day_appears_once_and_the_last_is_today(days: int, now: datetime) -> None:
    found = [moment.date() for moment in last_days(days, now=now)]

    assert found == [now.date() - timedelta(days=back) for back in reversed(range(days))]


def test_days_are_utc_days() -> None:
    now = datetime(2027, 3, 1, 0, 30, tzinfo=UTC)

    assert [f"{day:%Y%m%d}" for day in last_days(2, now=now)] == ["20270228", "20270301"]
