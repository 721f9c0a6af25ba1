"""Billing periods and changes of the billing day."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.api_keys.billing import CALENDAR_MONTH, BillingDay
from latchhook.api_keys.billing_day_editing import BillingDayEditor
from latchhook.api_keys.errors import BillingPeriodFixedError
from latchhook.audit import AuditEntry
from latchhook.identity.caller import service
from tests.samples import NOW, api_key, origin

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DAYS = st.integers(1, 31)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "now", "start", "end"),
    [
        (1, "2027-03-01T00:00:00", "2027-03-01", "2027-04-01"),
        (1, "2027-03-31T23:59:59.999999", "2027-03-01", "2027-04-01"),
        (15, "2027-03-14T23:59:59.999999", "2027-02-15", "2027-03-15"),
        (15, "2027-03-15T00:00:00", "2027-03-15", "2027-04-15"),
        (15, "2027-01-01T00:00:00", "2026-12-15", "2027-01-15"),
        (15, "2026-12-31T00:00:00", "2026-12-15", "2027-01-15"),
        (31, "2027-02-27T12:00:00", "2027-01-31", "2027-02-28"),
        (31, "2027-02-28T12:00:00", "2027-02-28", "2027-03-31"),
        (31, "2027-03-30T12:00:00", "2027-02-28", "2027-03-31"),
        (30, "2028-02-29T00:00:00", "2028-02-29", "2028-03-30"),
        (31, "2027-04-30T00:00:00", "2027-04-30", "2027-05-31"),
    ],
)
def test_period_starts_on_the_day_or_the_last_day_of_a_short_month(day: int, now: str, start: str, end: str) -> None:
    billing = BillingDay(day)
    assert (billing.start(_at(now)), billing.end(_at(now))) == (_at(start), _at(end))


@given(DAYS, MOMENTS)
def test_periods_follow_each_other_and_have_28_to_31_days(day: int, now: datetime) -> None:
    billing = BillingDay(day)
    start, end = billing.start(now), billing.end(now)
    assert start <= now < end
    assert timedelta(days=28) <= end - start <= timedelta(days=31)
    assert billing.start(end) == end
    assert billing.start(end - timedelta.resolution) == start


@given(DAYS, DAYS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=90)))
def test_start_never_moves_back_after_a_change(old: int, new: int, at: datetime, later: timedelta) -> None:
    changed = BillingDay(new, at.replace(hour=0, minute=0, second=0, microsecond=0))
    assert BillingDay(old).start(at) <= changed.start(at) == changed.since
    assert changed.start(at) <= changed.start(at + later) <= at + later < changed.end(at + later)
    assert changed.end(at) - changed.start(at) <= timedelta(days=31)


def test_request_count_has_the_days_of_the_period() -> None:
    key = api_key(
        daily_requests={"20270214": 1, "20270215": 10, "20270314": 100, "20270315": 1_000, "20270415": 10_000}
    )
    assert key.request_count_at(_at("2027-03-14T12:00:00"), BillingDay(15)) == 110
    assert key.request_count_at(_at("2027-03-15T12:00:00"), BillingDay(15)) == 1_000
    assert key.request_count_at(_at("2027-03-15T12:00:00"), CALENDAR_MONTH) == 1_100
    assert key.request_count_at(_at("2027-03-15T12:00:00"), BillingDay(1, _at("2027-03-14"))) == 1_100
    assert key.request_count_at(_at("2027-03-15T12:00:00"), BillingDay(1, _at("2027-03-15"))) == 1_000


class Kept:
    """An in-memory store."""

    def __init__(self) -> None:
        self.days: dict[str, BillingDay] = {}
        self.log: list[AuditEntry] = []

    def of(self, account_id: str) -> BillingDay:
        return self.days.get(account_id, CALENDAR_MONTH)

    def change(self, account_id: str, chosen: BillingDay, entry: AuditEntry) -> None:
        self.days[account_id] = chosen
        self.log.append(entry)


def test_change_starts_a_period_today_and_is_audited_in_the_account() -> None:
    kept = Kept()
    editor = BillingDayEditor(kept, Random(1))

    changed = editor.change("acme", 20, origin(by=service()))

    assert changed == BillingDay(20, NOW.replace(hour=0)) == kept.of("acme")
    (entry,) = kept.log
    assert (entry.account_id, entry.action, entry.target_id) == ("acme", "billing_day.updated", "acme")
    assert entry.details == {"day": 20, "previousDay": 1}
    assert (entry.origin.caller.actor_id, entry.origin.caller.is_acting) == ("service_role", True)
    assert kept.of("globex") == CALENDAR_MONTH


@pytest.mark.parametrize("day", [1, 20])
def test_same_day_keeps_the_period_and_writes_nothing(day: int) -> None:
    kept = Kept()
    editor = BillingDayEditor(kept, Random(1))
    if day != 1:
        editor.change("acme", day, origin(by=service()))
    before, log = kept.of("acme"), len(kept.log)

    assert editor.change("acme", day, origin(by=service(), at=NOW + timedelta(days=3))) == before
    assert len(kept.log) == log


def test_calendar_months_cannot_be_changed() -> None:
    with pytest.raises(BillingPeriodFixedError):
        BillingDayEditor(None, Random(1)).change("acme", 1, origin(by=service()))
