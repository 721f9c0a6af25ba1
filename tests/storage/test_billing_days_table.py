"""Billing days in the table."""

from datetime import timedelta

from latchhook.api_keys.billing import CALENDAR_MONTH, BillingDay
from latchhook.storage.billing_days_table import BillingDaysTable
from tests.samples import ACCOUNT, NOW, entry
from tests.storage.conftest import Store

TODAY = NOW.replace(hour=0)


def _days(store: Store) -> BillingDaysTable:
    return BillingDaysTable(store.database, audit=store.audit_items)


def test_day_is_stored_with_its_audit_entry_in_one_transaction(store: Store) -> None:
    _days(store).change(ACCOUNT, BillingDay(20, TODAY), entry(action="billing_day.updated"))
    assert store.calls == {"TransactWriteItems": 1}
    store.calls.clear()
    assert _days(store).of(ACCOUNT) == BillingDay(20, TODAY)
    assert _days(store).of("globex") == CALENDAR_MONTH
    assert store.calls == {"GetItem": 2}
    assert [logged["action"] for logged in store.audit_log(ACCOUNT)] == ["billing_day.updated"]


def test_same_day_is_not_stored_again(store: Store) -> None:
    _days(store).change(ACCOUNT, BillingDay(20, TODAY), entry())
    _days(store).change(ACCOUNT, BillingDay(20, TODAY + timedelta(days=1)), entry(seed=2))
    assert _days(store).of(ACCOUNT) == BillingDay(20, TODAY)
    assert len(store.audit_log(ACCOUNT)) == 1
    _days(store).change(ACCOUNT, BillingDay(1, TODAY + timedelta(days=1)), entry(seed=3))
    assert _days(store).of(ACCOUNT) == BillingDay(1, TODAY + timedelta(days=1))
