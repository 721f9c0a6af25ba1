"""A key's status at a given time, and its request count for a calendar month."""

from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest

from latchhook.api_keys.api_key import Status
from latchhook.rates import RateLimit, RateStanding
from tests.samples import MILLISECOND, NOW, api_key


def test_key_is_active_until_its_expiry() -> None:
    assert api_key(expires_at=NOW).status_at(NOW - MILLISECOND) == "active"


def test_key_is_expired_at_the_exact_time_of_its_expiry() -> None:
    assert api_key(expires_at=NOW).status_at(NOW) == "expired"


def test_key_without_expiry_never_expires() -> None:
    assert api_key().status_at(datetime.max.replace(tzinfo=UTC)) == "active"


@pytest.mark.parametrize("status", [status for status in get_args(Status) if status != "active"])
def test_stored_status_is_kept_after_the_expiry(status: Status) -> None:
    assert api_key(stored_status=status, expires_at=NOW).status_at(NOW) == status


def test_request_count_covers_the_calendar_month() -> None:
    key = api_key(daily_requests={"20270228": 1, "20270301": 10, "20270331": 100, "20270401": 1000, "20260315": 9})

    assert key.request_count_at(NOW) == 110


@pytest.mark.parametrize(
    ("moment", "count"),
    [
        (datetime(2027, 3, 31, 23, 59, 59, tzinfo=UTC), 10),
        (datetime(2027, 4, 1, tzinfo=UTC), 1000),
        (datetime(2027, 5, 1, tzinfo=UTC), 0),
    ],
)
def test_request_count_restarts_each_month(moment: datetime, count: int) -> None:
    assert api_key(daily_requests={"20270301": 10, "20270401": 1000}).request_count_at(moment) == count


def test_expiry_is_compared_across_time_zones() -> None:
    the_same_moment = NOW.astimezone(timezone(timedelta(hours=9)))

    assert api_key(expires_at=NOW).status_at(the_same_moment) == "expired"


def test_rate_combines_the_limit_with_its_current_state() -> None:
    limit = RateLimit(5, 60, 5)

    assert api_key().rate is None
    assert api_key(rate_limit=limit, rate_full_at_micros=7).rate == RateStanding(limit, 7)
