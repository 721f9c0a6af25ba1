"""Slots of webhooks' attempts: evenly spread, never two the same, however many ask at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from latchhook.clock import utc_now
from latchhook.rates import RateLimit
from latchhook.storage.webhook_paces import WebhookPaces
from latchhook.webhooks.pacing import REACH
from tests.samples import NOW, SECOND, webhook
from tests.storage.conftest import Store
from tests.template_tables import DELIVERIES

ID = webhook().id
MICROSECOND = timedelta(microseconds=1)


def _reserve(
    store: Store,
    count: int,
    *,
    step: timedelta = SECOND,
    guard: timedelta = 0 * SECOND,
    now: datetime = NOW,
    until: datetime | None = None,
) -> Sequence[float]:
    """The slots as seconds after `NOW`."""
    paces = WebhookPaces(store.database, table=DELIVERIES)
    slots = paces.reserve(
        ID,
        count,
        step_micros=step // MICROSECOND,
        guard_micros=guard // MICROSECOND,
        now=now,
        until=until or now + REACH,
    )
    return [(slot - NOW).total_seconds() for slot in slots]


def test_slots_of_an_idle_webhook_begin_now_and_those_after_follow_on(store: Store) -> None:
    assert _reserve(store, 3) == [0, 1, 2]
    assert _reserve(store, 2) == [3, 4]
    assert _reserve(store, 1, now=NOW + 2 * SECOND) == [5]
    assert _reserve(store, 2, now=NOW + 60 * SECOND) == [60, 61]


@pytest.mark.parametrize(("second", "slots"), [(2.999999, [3]), (3, [3]), (3.000001, [3.000001])])
def test_a_webhook_is_idle_from_its_next_free_slot_on(store: Store, second: float, slots: list[float]) -> None:
    _reserve(store, 3)
    assert _reserve(store, 1, now=NOW + second * SECOND) == slots


def test_one_write_suffices_where_the_webhook_is_idle_and_two_where_it_is_busy(store: Store) -> None:
    _reserve(store, 3)
    assert store.calls == {"UpdateItem": 1}
    _reserve(store, 3)
    assert store.calls == {"UpdateItem": 3}


@pytest.mark.parametrize(("second", "free"), [(0, 3), (2.9, 3), (3, 3), (3.5, 3.5)])
def test_next_free_slot_is_told_and_not_taken(store: Store, second: float, free: float) -> None:
    paces, now = WebhookPaces(store.database, table=DELIVERIES), NOW + second * SECOND
    assert paces.next_free(ID, step_micros=1_000_000, now=now) == now
    _reserve(store, 3)
    for _ in range(2):
        assert paces.next_free(ID, step_micros=1_000_000, now=now) == NOW + free * SECOND
    assert store.calls == {"GetItem": 3, "UpdateItem": 1}
    assert _reserve(store, 1, now=now) == [free]


def test_only_slots_within_reach_are_taken(store: Store) -> None:
    until = NOW + 5 * SECOND
    assert _reserve(store, 4, until=until) == [0, 1, 2, 3]
    assert _reserve(store, 4, until=until) == [4, 5]
    assert _reserve(store, 4, until=until) == []
    assert _reserve(store, 1, until=until + SECOND) == [6]


def test_guarded_slots_are_further_apart_and_so_is_the_slot_after_them(store: Store) -> None:
    assert _reserve(store, 2, guard=0.5 * SECOND) == [0, 1.5]
    assert _reserve(store, 2) == [3, 4]
    assert _reserve(store, 1, guard=2 * SECOND) == [5]
    assert _reserve(store, 1, now=NOW + 6 * SECOND) == [8]


def test_guarded_slots_within_reach_are_taken(store: Store) -> None:
    until = NOW + 3 * SECOND
    assert _reserve(store, 4, guard=0.5 * SECOND, until=until) == [0, 1.5, 3]
    assert _reserve(store, 1, until=until) == []
    assert _reserve(store, 1, until=until + 1.5 * SECOND) == [4.5]


def test_a_step_longer_than_the_reach_gives_one_slot_at_a_time(store: Store) -> None:
    day = timedelta(days=1)
    assert _reserve(store, 10, step=day) == [0]
    assert _reserve(store, 10, step=day, now=NOW + day / 2) == []
    assert _reserve(store, 10, step=day, now=NOW + day - REACH - MICROSECOND) == []
    assert _reserve(store, 10, step=day, now=NOW + day - REACH) == [day.total_seconds()]


def test_another_pace_goes_on_from_the_slots_that_are_taken(store: Store) -> None:
    assert _reserve(store, 2, step=10 * SECOND) == [0, 10]
    assert _reserve(store, 2) == [11, 12]
    assert _reserve(store, 2, step=10 * SECOND) == [22, 32]


def test_whoever_raises_a_limit_does_not_wait_for_the_end_of_the_old_ones_window(store: Store) -> None:
    assert _reserve(store, 1, step=timedelta(days=1)) == [0]
    assert _reserve(store, 2, step=timedelta(days=1), now=NOW + 5 * SECOND) == []
    assert _reserve(store, 2, now=NOW + 5 * SECOND) == [5, 6]


def test_whoever_lowers_a_limit_has_it_kept_from_the_last_slot_on(store: Store) -> None:
    assert _reserve(store, 3) == [0, 1, 2]
    minute = 60 * SECOND
    assert _reserve(store, 2, step=minute, now=NOW + 10 * SECOND) == [62, 122]


def test_item_goes_when_its_last_slot_holds_nobody_back(store: Store) -> None:
    _reserve(store, 1, step=timedelta(days=1))
    (item,) = store.items(DELIVERIES)
    assert (item["pk"], item["sk"]) == (f"PACE#{ID}", "PACE")
    assert item["ttl"] > int(item["lastSlot"]) // 1_000_000 + timedelta(days=1).total_seconds()


def test_webhooks_do_not_share_slots(store: Store) -> None:
    paces = WebhookPaces(store.database, table=DELIVERIES)
    for number in (1, 2):
        until = NOW + REACH
        assert paces.reserve(webhook(number).id, 1, step_micros=1_000_000, now=NOW, until=until) == [NOW]


def test_no_window_has_more_slots_than_the_limit_however_many_ask_at_once(amazon_store: Store) -> None:
    limit = RateLimit(50, 10, burst=1)
    paces = WebhookPaces(amazon_store.database, table=DELIVERIES)

    def use_request(_: int) -> list[datetime]:
        slots: list[datetime] = []
        for count in (1, 10, 3, 7):
            now = utc_now()
            slots += paces.reserve(ID, count, step_micros=limit.step_micros, now=now, until=now + REACH)
        return slots

    with ThreadPoolExecutor(32) as threads:
        slots = sorted(slot for some in threads.map(use_request, range(32)) for slot in some)
    assert len(slots) == 32 * 21
    assert min(later - earlier for earlier, later in pairwise(slots)) >= limit.step_micros * MICROSECOND
    for first, beyond in zip(slots, slots[limit.limit :], strict=False):
        assert beyond - first >= timedelta(seconds=limit.window_seconds)


def test_slots_within_reach_are_all_given_to_many_at_once_and_none_twice(amazon_store: Store) -> None:
    paces = WebhookPaces(amazon_store.database, table=DELIVERIES)
    until = NOW + 100 * SECOND

    def use_request(_: int) -> Sequence[datetime]:
        return paces.reserve(ID, 10, step_micros=1_000_000, now=NOW, until=until)

    with ThreadPoolExecutor(32) as threads:
        slots = [slot for some in threads.map(use_request, range(32)) for slot in some]
    assert sorted(slots) == [NOW + number * SECOND for number in range(101)]
