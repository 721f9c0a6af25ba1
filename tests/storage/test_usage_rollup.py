"""The usage rollup: past months move to separate items, each use once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ReadTimeoutError

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.usage import last_days
from latchhook.api_keys.usage_rollup import close_months
from latchhook.clock import to_millis
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.storage.api_key_items import DAY, SHARDS
from tests.samples import ACCOUNT, MovableClock, api_key
from tests.storage.conftest import Store
from tests.storage.keys import add, query, records, verify
from tests.template_tables import API_KEYS, declared_tables

MARCH, APRIL = 202703, 202704
IN_APRIL = datetime(2027, 4, 2, tzinfo=UTC)


def _used(store: Store, *days: str, number: int = 1) -> ApiKey:
    """Store a key, use it once on each of the days in order, and return the used key."""
    key = api_key(number)
    text = add(store, key)
    for day in days:
        assert verify(store, text, now=datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)).valid
    return store.keys.get(ACCOUNT, key.id)


def _waiting(store: Store, *, month: int = APRIL) -> list[UUID]:
    return [key_id for shard in SHARDS for key_id in store.uses.used_before(shard, month=month, limit=100)]


def _days(item: Any) -> dict[str, int]:
    return {name[1:]: uses for name, uses in item.items() if name[0] == DAY and name[1:].isdecimal()}


def test_uses_of_a_past_month_move_to_a_separate_item(store: Store) -> None:
    key = _used(store, "20270301", "20270315", "20270331")
    store.calls.clear()

    assert store.uses.close_months(key.id, month=APRIL)

    assert store.calls == {"GetItem": 1, "TransactWriteItems": 1}
    kept = records(store, key)
    assert kept.keys() == {"KEY", "USAGE#202703"}
    assert _days(kept["KEY"]) == {}
    assert _days(kept["USAGE#202703"]) == {"20270301": 1, "20270315": 1, "20270331": 1}
    assert store.uses.usage(ACCOUNT, key.id).requests == dict(key.daily_requests)
    assert _waiting(store) == []
    assert store.keys.get(ACCOUNT, key.id).last_used_at == key.last_used_at


def test_uses_of_the_current_month_stay_and_are_rolled_up_later(store: Store) -> None:
    key = _used(store, "20270331", "20270401")
    assert _waiting(store) == [key.id]

    assert store.uses.close_months(key.id, month=APRIL)

    assert _days(records(store, key)["KEY"]) == {"20270401": 1}
    assert records(store, key)["KEY"]["usedSince"] == APRIL
    assert _waiting(store) == []
    assert _waiting(store, month=202705) == [key.id]


def _from(day: str) -> Callable[[str], str]:
    def kept_from(account_id: str) -> str:
        assert account_id == ACCOUNT
        return day

    return kept_from


def test_days_of_the_current_billing_period_stay_until_it_is_over(store: Store) -> None:
    key = _used(store, "20270214", "20270301", "20270314", "20270315", "20270331", "20270402")

    assert store.uses.close_months(key.id, month=APRIL, kept_from=_from("20270315"))

    kept = store.keys.get(ACCOUNT, key.id).daily_requests
    assert kept == {"20270315": 1, "20270331": 1, "20270402": 1}
    assert _days(records(store, key)["USAGE#202703"]) == {"20270301": 1, "20270314": 1}
    assert store.uses.usage(ACCOUNT, key.id).requests == dict(key.daily_requests)
    assert _waiting(store) == []

    assert _waiting(store, month=202705) == [key.id]
    assert store.uses.close_months(key.id, month=202705, kept_from=_from("20270415"))
    assert store.keys.get(ACCOUNT, key.id).daily_requests == {}
    assert _days(records(store, key)["USAGE#202703"]) == {"20270301": 1, "20270314": 1, "20270315": 1, "20270331": 1}
    assert store.uses.usage(ACCOUNT, key.id).requests == dict(key.daily_requests)
    assert _waiting(store, month=202706) == []


def test_key_whose_days_all_stay_leaves_the_index_until_next_month(store: Store) -> None:
    key = _used(store, "20270316", "20270331")

    assert not store.uses.close_months(key.id, month=APRIL, kept_from=_from("20270315"))

    assert _waiting(store) == []
    assert _waiting(store, month=202705) == [key.id]
    assert store.keys.get(ACCOUNT, key.id) == key
    assert store.uses.close_months(key.id, month=202705, kept_from=_from("20270415"))
    assert store.uses.usage(ACCOUNT, key.id).requests == dict(key.daily_requests)


def test_key_without_past_months_is_unchanged(store: Store) -> None:
    key = _used(store, "20270401")
    before = records(store, key)

    assert not store.uses.close_months(key.id, month=APRIL)
    assert not store.uses.close_months(api_key(2).id, month=APRIL)
    assert records(store, key) == before


def test_month_is_rolled_up_once(store: Store) -> None:
    key = _used(store, "20270315")
    assert store.uses.close_months(key.id, month=APRIL)
    before = records(store, key)

    assert not store.uses.close_months(key.id, month=APRIL)
    assert records(store, key) == before


def test_several_months_are_rolled_up_into_separate_items(store: Store) -> None:
    key = _used(store, "20261130", "20261215", "20270101", "20270115", "20270228", "20270401")

    assert store.uses.close_months(key.id, month=APRIL)

    kept = records(store, key)
    assert {record: _days(item) for record, item in kept.items()} == {
        "KEY": {"20270401": 1},
        "USAGE#202611": {"20261130": 1},
        "USAGE#202612": {"20261215": 1},
        "USAGE#202701": {"20270101": 1, "20270115": 1},
        "USAGE#202702": {"20270228": 1},
    }
    assert kept["KEY"]["usedSince"] == APRIL


def test_key_without_recent_uses_leaves_the_index_until_its_next_use(store: Store) -> None:
    key = _used(store, "20261215", "20270101")
    assert store.uses.close_months(key.id, month=APRIL)
    assert "usedSince" not in records(store, key)["KEY"]

    assert isinstance(store.uses.record_use(query(key, now=IN_APRIL)), ApiKey)

    assert records(store, key)["KEY"]["usedSince"] == APRIL


@pytest.mark.parametrize("done", [0, 1, 2, 3])
def test_interrupted_rollup_continues_and_counts_each_use_once(store: Store, done: int) -> None:
    key = _used(store, "20261215", "20270101", "20270228", "20270331")
    left = done

    def stop(**_: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise ReadTimeoutError(endpoint_url="https://dynamodb.example/")

    store.client.meta.events.register("before-call.dynamodb.TransactWriteItems", stop)
    with pytest.raises(DependencyUnavailableError):
        store.uses.close_months(key.id, month=APRIL)
    store.client.meta.events.unregister("before-call.dynamodb.TransactWriteItems", stop)

    assert len(records(store, key)) == 1 + done
    assert store.uses.usage(ACCOUNT, key.id).requests == dict(key.daily_requests)
    assert _waiting(store) == [key.id]
    assert store.uses.close_months(key.id, month=APRIL)
    assert _waiting(store) == []
    assert store.uses.usage(ACCOUNT, key.id).requests == dict(key.daily_requests)


def test_item_of_a_month_is_kept_90_days_after_its_last_day(store: Store) -> None:
    for number, month in enumerate(["202701", "202702", "202704", "202712", "202802"], start=1):
        first = datetime.strptime(month, "%Y%m").replace(tzinfo=UTC)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        key = _used(store, f"{first:%Y%m%d}", f"{last:%Y%m%d}", number=number)
        store.uses.count_refusal(key, "DISABLED", first)
        assert store.uses.close_months(key.id, month=203001)
        # The last moment at which the last day of the month is among the last 90 days.
        shown_until = last + timedelta(days=90) - timedelta(milliseconds=1)
        assert f"{last_days(90, now=shown_until)[0]:%Y%m%d}" == f"{last:%Y%m%d}"

        kept = records(store, key)
        for record in (f"USAGE#{month}", f"REFUSED#{month}"):
            assert kept[record]["ttl"] * 1000 > to_millis(shown_until)
            assert kept[record]["ttl"] * 1000 < to_millis(shown_until + timedelta(days=40))
        assert "ttl" not in kept["KEY"]


def test_ttl_attribute_of_the_table_is_the_written_attribute() -> None:
    assert declared_tables()[API_KEYS]["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


# ---- Late counts ----


def test_late_counts_of_a_rolled_up_month_are_added_to_it(store: Store) -> None:
    key = _used(store, "20270315")
    store.uses.close_months(key.id, month=APRIL)

    store.uses.add_uses(key.id, day="20270315", uses=5)
    store.uses.add_uses(key.id, day="20270331", uses=2)

    wanted = {"20270315": 6, "20270331": 2}
    assert store.uses.usage(ACCOUNT, key.id).requests == wanted
    assert _waiting(store) == [key.id]
    assert store.uses.close_months(key.id, month=APRIL)
    assert store.uses.usage(ACCOUNT, key.id).requests == wanted
    assert _days(records(store, key)["USAGE#202703"]) == wanted
    assert _waiting(store) == []


def _between(store: Store, action: Any) -> None:
    """Run `action` once between the read of a key and the transaction of the rollup."""
    happened: list[str] = []

    def happen(**_: Any) -> None:
        if not happened:
            happened.append("it")
            action()

    store.client.meta.events.register("before-call.dynamodb.TransactWriteItems", happen)


def test_late_count_during_the_rollup_is_counted_once(store: Store) -> None:
    key = _used(store, "20270315")
    _between(store, lambda: store.uses.add_uses(key.id, day="20270315", uses=7))

    assert not store.uses.close_months(key.id, month=APRIL)

    assert store.uses.usage(ACCOUNT, key.id).requests == {"20270315": 8}
    assert _waiting(store) == [key.id]
    assert store.uses.close_months(key.id, month=APRIL)
    assert store.uses.usage(ACCOUNT, key.id).requests == {"20270315": 8}


def test_key_used_during_the_rollup_stays_in_the_index(store: Store) -> None:
    key = _used(store, "20270315")
    _between(store, lambda: store.uses.record_use(query(key, now=IN_APRIL)))

    store.uses.close_months(key.id, month=APRIL)

    assert store.uses.usage(ACCOUNT, key.id).requests == {"20270315": 1, "20270402": 1}
    assert _waiting(store, month=202705) == [key.id]
    store.uses.close_months(key.id, month=APRIL)
    assert _waiting(store) == []
    assert _waiting(store, month=202705) == [key.id]


def test_rollup_is_exact_during_concurrent_uses_and_late_counts(store: Store) -> None:
    keys = [_used(store, "20270115", "20270228", "20270331", number=number) for number in range(1, 5)]
    uses, rounds = 60, range(4)

    def use(number: int) -> None:
        key = keys[number % 4]
        found = store.uses.record_use(query(key, now=IN_APRIL + timedelta(seconds=number)))
        assert isinstance(found, ApiKey)
        if number % 3 == 0:
            store.uses.add_uses(key.id, day="20270331", uses=2)

    def close(number: int) -> bool:
        return store.uses.close_months(keys[number % 4].id, month=APRIL)

    with ThreadPoolExecutor(16) as threads:
        closings = [threads.submit(close, number) for number in range(4)]
        used = [threads.submit(use, number) for number in range(4 * uses)]
        closings += [threads.submit(close, number) for _ in rounds for number in range(4)]
        for each in used:
            each.result()
        for closing in closings:
            closing.result()
    for number in range(4):
        close(number)

    for at, key in enumerate(keys):
        mine = [number for number in range(4 * uses) if number % 4 == at]
        assert store.uses.usage(ACCOUNT, key.id).requests == {
            "20270115": 1,
            "20270228": 1,
            "20270331": 1 + 2 * sum(number % 3 == 0 for number in mine),
            "20270402": len(mine),
        }
        assert _days(records(store, key)["KEY"]).keys() == {"20270402"}
    assert _waiting(store) == []
    assert sorted(_waiting(store, month=202705)) == sorted(key.id for key in keys)


def test_two_concurrent_rollups_move_each_use_once(store: Store) -> None:
    key = _used(store, "20270115", "20270228", "20270331")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: store.uses.close_months(key.id, month=APRIL), range(8)))

    assert store.uses.usage(ACCOUNT, key.id).requests == dict(key.daily_requests)
    assert len(records(store, key)) == 4


# ---- All keys ----


def test_keys_are_found_by_their_oldest_month_up_to_the_limit(store: Store) -> None:
    ids = [UUID(int=number) for number in (1, 2, 3, 4)]
    for key_id, month in zip(ids, ("202702", "202612", "202703", "202701"), strict=True):
        add(store, api_key(key_id))
        store.uses.add_uses(key_id, day=f"{month}15", uses=1)

    waiting = store.uses.used_before("0", month=MARCH, limit=10)

    assert waiting == [ids[1], ids[3], ids[0]]
    assert store.uses.used_before("0", month=MARCH, limit=2) == [ids[1], ids[3]]


def test_all_past_months_are_rolled_up_and_the_current_month_is_kept(store: Store) -> None:
    keys = [_used(store, "20270315", number=number) for number in range(1, 9)]
    fresh = _used(store, "20270401", number=99)

    swept = close_months(store.uses, clock=MovableClock(IN_APRIL), may_go_on=lambda: True)

    assert (swept.done, swept.failures) == (8, [])
    assert _waiting(store) == []
    for key in keys:
        assert _days(records(store, key)["USAGE#202703"]) == {"20270315": 1}
    assert records(store, fresh).keys() == {"KEY"}
    assert close_months(store.uses, clock=MovableClock(IN_APRIL), may_go_on=lambda: True).done == 0


def test_rollup_stops_without_remaining_time_and_continues_next_time(store: Store) -> None:
    for number in range(1, 7):
        _used(store, "20270315", number=number)
    asked = iter([True] * 2 + [False])

    assert close_months(store.uses, clock=MovableClock(IN_APRIL), may_go_on=lambda: next(asked)).done == 2
    assert len(_waiting(store)) == 4
    assert close_months(store.uses, clock=MovableClock(IN_APRIL), may_go_on=lambda: True).done == 4


def test_months_are_rolled_up_as_they_end(store: Store) -> None:
    key = api_key()
    add(store, key)
    months = [datetime(2027 + (at + 9) // 12, (at + 9) % 12 + 1, 1, tzinfo=UTC) for at in range(5)]
    for month, following in pairwise(months):
        for day in (1, 15, 28):
            store.uses.record_use(query(key, now=month + timedelta(days=day - 1)))
        assert close_months(store.uses, clock=MovableClock(following), may_go_on=lambda: True).done == 1
        assert _days(records(store, key)["KEY"]) == {}
    assert len(records(store, key)) == 5
