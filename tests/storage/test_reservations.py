"""Reservations of the rate limiter: evenly distributed and unique, also under concurrent requests."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from latchhook.clock import utc_now
from latchhook.rates import RateLimit
from latchhook.webhooks.rate_limiter import REACH
from tests.samples import NOW, SECOND, webhook
from tests.storage.conftest import Store
from tests.template_tables import DELIVERIES

ID = webhook().id
MICROSECOND = timedelta(microseconds=1)


def _reserve(
    store: Store,
    count: int,
    *,
    interval: timedelta = SECOND,
    guard: timedelta = 0 * SECOND,
    now: datetime = NOW,
    until: datetime | None = None,
) -> Sequence[float]:
    """Return the reservations in seconds after `NOW`."""
    times = store.reservations.reserve(
        ID,
        count,
        interval_micros=interval // MICROSECOND,
        guard_micros=guard // MICROSECOND,
        now=now,
        until=until or now + REACH,
    )
    return [(time - NOW).total_seconds() for time in times]


def test_reservations_of_an_idle_webhook_start_now_and_continue(store: Store) -> None:
    assert _reserve(store, 3) == [0, 1, 2]
    assert _reserve(store, 2) == [3, 4]
    assert _reserve(store, 1, now=NOW + 2 * SECOND) == [5]
    assert _reserve(store, 2, now=NOW + 60 * SECOND) == [60, 61]


@pytest.mark.parametrize(("second", "times"), [(2.999999, [3]), (3, [3]), (3.000001, [3.000001])])
def test_webhook_is_idle_from_its_next_free_reservation(store: Store, second: float, times: list[float]) -> None:
    _reserve(store, 3)
    assert _reserve(store, 1, now=NOW + second * SECOND) == times


def test_idle_webhook_costs_one_write_and_a_busy_webhook_two(store: Store) -> None:
    _reserve(store, 3)
    assert store.calls == {"UpdateItem": 1}
    _reserve(store, 3)
    assert store.calls == {"UpdateItem": 3}


@pytest.mark.parametrize(("second", "free"), [(0, 3), (2.9, 3), (3, 3), (3.5, 3.5)])
def test_next_free_time_is_returned_without_a_reservation(store: Store, second: float, free: float) -> None:
    table, now = store.reservations, NOW + second * SECOND
    assert table.next_free(ID, interval_micros=1_000_000, now=now) == now
    _reserve(store, 3)
    for _ in range(2):
        assert table.next_free(ID, interval_micros=1_000_000, now=now) == NOW + free * SECOND
    assert store.calls == {"GetItem": 3, "UpdateItem": 1}
    assert _reserve(store, 1, now=now) == [free]


def test_only_reservations_within_the_limit_are_made(store: Store) -> None:
    until = NOW + 5 * SECOND
    assert _reserve(store, 4, until=until) == [0, 1, 2, 3]
    assert _reserve(store, 4, until=until) == [4, 5]
    assert _reserve(store, 4, until=until) == []
    assert _reserve(store, 1, until=until + SECOND) == [6]


def test_guarded_reservations_have_longer_gaps_before_and_after(store: Store) -> None:
    assert _reserve(store, 2, guard=0.5 * SECOND) == [0, 1.5]
    assert _reserve(store, 2) == [3, 4]
    assert _reserve(store, 1, guard=2 * SECOND) == [5]
    assert _reserve(store, 1, now=NOW + 6 * SECOND) == [8]


def test_guarded_reservations_stay_within_the_limit(store: Store) -> None:
    until = NOW + 3 * SECOND
    assert _reserve(store, 4, guard=0.5 * SECOND, until=until) == [0, 1.5, 3]
    assert _reserve(store, 1, until=until) == []
    assert _reserve(store, 1, until=until + 1.5 * SECOND) == [4.5]


def test_interval_beyond_the_limit_gives_one_reservation_at_a_time(store: Store) -> None:
    day = timedelta(days=1)
    assert _reserve(store, 10, interval=day) == [0]
    assert _reserve(store, 10, interval=day, now=NOW + day / 2) == []
    assert _reserve(store, 10, interval=day, now=NOW + day - REACH - MICROSECOND) == []
    assert _reserve(store, 10, interval=day, now=NOW + day - REACH) == [day.total_seconds()]


def test_changed_rate_continues_after_the_existing_reservations(store: Store) -> None:
    assert _reserve(store, 2, interval=10 * SECOND) == [0, 10]
    assert _reserve(store, 2) == [11, 12]
    assert _reserve(store, 2, interval=10 * SECOND) == [22, 32]


def test_raised_limit_applies_at_once(store: Store) -> None:
    assert _reserve(store, 1, interval=timedelta(days=1)) == [0]
    assert _reserve(store, 2, interval=timedelta(days=1), now=NOW + 5 * SECOND) == []
    assert _reserve(store, 2, now=NOW + 5 * SECOND) == [5, 6]


def test_lowered_limit_applies_after_the_last_reservation(store: Store) -> None:
    assert _reserve(store, 3) == [0, 1, 2]
    minute = 60 * SECOND
    assert _reserve(store, 2, interval=minute, now=NOW + 10 * SECOND) == [62, 122]


def test_item_expires_after_its_last_reservation_has_no_effect(store: Store) -> None:
    _reserve(store, 1, interval=timedelta(days=1))
    (item,) = store.items(DELIVERIES)
    assert (item["pk"], item["sk"]) == (f"RESERVATIONS#{ID}", "LAST")
    assert item["ttl"] > int(item["lastReserved"]) // 1_000_000 + timedelta(days=1).total_seconds()


def test_webhooks_have_separate_reservations(store: Store) -> None:
    for number in (1, 2):
        until = NOW + REACH
        assert store.reservations.reserve(webhook(number).id, 1, interval_micros=1_000_000, now=NOW, until=until) == [
            NOW
        ]


def test_no_window_exceeds_the_limit_under_concurrent_requests(store: Store) -> None:
    limit = RateLimit(50, 10, burst=1)

    def send_request(_: int) -> list[datetime]:
        times: list[datetime] = []
        for count in (1, 10, 3, 7):
            now = utc_now()
            times += store.reservations.reserve(
                ID, count, interval_micros=limit.step_micros, now=now, until=now + REACH
            )
        return times

    with ThreadPoolExecutor(32) as threads:
        times = sorted(time for some in threads.map(send_request, range(32)) for time in some)
    assert len(times) == 32 * 21
    assert min(later - earlier for earlier, later in pairwise(times)) >= limit.step_micros * MICROSECOND
    for first, beyond in zip(times, times[limit.limit :], strict=False):
        assert beyond - first >= timedelta(seconds=limit.window_seconds)


def test_concurrent_requests_get_all_reservations_and_none_twice(store: Store) -> None:
    until = NOW + 100 * SECOND

    def send_request(_: int) -> Sequence[datetime]:
        return store.reservations.reserve(ID, 10, interval_micros=1_000_000, now=NOW, until=until)

    with ThreadPoolExecutor(32) as threads:
        times = [time for some in threads.map(send_request, range(32)) for time in some]
    assert sorted(times) == [NOW + number * SECOND for number in range(101)]
