"""Parked deliveries and drains in the table: order, expiry, one run for each step, and concurrent changes."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, pairwise
from random import Random, SystemRandom
from typing import Any, Literal

import pytest

from latchhook.webhooks.changing import WebhookEditor, WebhookSettings, settings_of
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.draining import Drainer, DrainStarter, DrainState, DrainStep, Parked
from latchhook.webhooks.parking import Parking, Reason
from latchhook.webhooks.rate_limiter import Release
from latchhook.webhooks.recovery_scan import RecoveryScan
from latchhook.webhooks.webhook import Webhook
from tests.features.webhooks.memory import LockBox
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, entry, event, origin, task, webhook
from tests.storage.conftest import Store
from tests.template_tables import DELIVERIES, declared_tables

ID = webhook().id
TASKS = [task(event(f"evt_{number}", accepted_at=NOW + number * MILLISECOND)) for number in range(30)]
RETENTION = timedelta(days=30)
RUNNING, ENDED = DrainState(0, is_running=True), DrainState(0, is_running=False)


def _park(
    store: Store, tasks: Sequence[DeliveryTask], *, reason: Reason = "paused", now: datetime = NOW + SECOND
) -> None:
    store.parked.put(tasks, reason=reason, now=now)


def _parked(store: Store, limit: int = 100) -> Sequence[Parked]:
    return store.parked.oldest(ID, limit=limit)


def _waiting(store: Store, limit: int = 100) -> list[DeliveryTask]:
    return [each.task for each in _parked(store, limit)]


def test_first_attempts_wait_in_the_order_of_their_events(store: Store) -> None:
    _park(store, TASKS[:9:-1])
    _park(store, TASKS[9::-1], reason="rate_limit")
    assert _waiting(store) == TASKS
    assert _waiting(store, limit=7) == TASKS[:7]


@pytest.mark.parametrize(
    "later",
    [
        replace(TASKS[0], attempt=3, trigger="retry"),
        replace(TASKS[0], attempt=2, trigger="manual", uncounted=1),
        replace(TASKS[0], trigger="recover"),
        replace(TASKS[0], attempt=999, trigger="recover", missed_reservations=2, uncounted=998),
    ],
)
def test_later_attempts_wait_from_the_time_they_are_parked(later: DeliveryTask, store: Store) -> None:
    _park(store, [later, *TASKS[1:3]], now=NOW + 2 * MILLISECOND - timedelta(microseconds=1))
    first, last = TASKS[1:3]
    assert set(_waiting(store, limit=2)) == {first, later}
    assert _waiting(store)[2] == last
    (kept,) = [each for each in _parked(store) if each.task == later]
    assert kept.until == NOW + RETENTION


@pytest.mark.parametrize("reason", ["paused", "rate_limit", "disabled"])
def test_parked_delivery_expires_with_its_event_and_is_in_no_log(reason: Reason, store: Store) -> None:
    _park(store, TASKS[:1], reason=reason)
    ttl = declared_tables()[DELIVERIES]["TimeToLiveSpecification"]["AttributeName"]
    assert [item[ttl] for item in store.items(DELIVERIES)] == [(NOW + RETENTION).timestamp()]
    assert store.deliveries.newest_of_account(ACCOUNT, limit=100) == ()
    assert store.deliveries.page_of_webhook(ACCOUNT, ID, limit=100, after=None).items == ()
    assert store.deliveries.prepare(TASKS[:1])[0].made is None


def test_delivery_parked_again_is_not_deleted_with_its_earlier_copy(store: Store) -> None:
    """A released delivery can be parked again before its first copy is deleted."""
    _park(store, TASKS[:2])
    keys = [each.key for each in _parked(store)]
    _park(store, TASKS[:1], now=NOW + 2 * SECOND)
    assert _waiting(store) == [TASKS[0], TASKS[0], TASKS[1]]
    for _ in range(2):
        store.parked.delete(ID, keys * 2)
    assert _waiting(store) == TASKS[:1]


def test_writes_take_25_tasks_per_call_and_a_read_is_one_query(store: Store) -> None:
    _park(store, TASKS)
    keys = [each.key for each in _parked(store, limit=30)]
    store.parked.delete(ID, keys)
    assert store.calls == {"BatchWriteItem": 4, "Query": 1}


def test_missed_deliveries_and_other_webhooks_do_not_wait_for_the_drain(store: Store) -> None:
    _park(store, TASKS[:1], reason="disabled")
    _park(store, [task(event(), webhook(2))])
    assert store.parked.move(webhook(2).id, None, RUNNING, now=NOW)
    assert (_waiting(store), store.parked.state(ID)) == ([], None)


# ---- Drains ----


def test_drain_moves_step_by_step_and_restarts_after_its_end(store: Store) -> None:
    states = [None, *(DrainState(step, is_running=running) for step in (0, 1) for running in (True, False))]
    for at, after in pairwise(states):
        assert store.parked.state(ID) == at
        for wrong in (state for state in states if state != at):
            assert not store.parked.move(ID, wrong, RUNNING, now=NOW)
            assert not store.parked.claim(ID, wrong, now=NOW, until=NOW + SECOND)
        assert after is not None
        assert store.parked.move(ID, at, after, now=NOW)
    assert store.calls["GetItem"] == len(states) - 1


@pytest.mark.parametrize("at", [None, RUNNING, ENDED])
def test_step_is_claimed_by_one_run_until_it_moves_or_expires(at: DrainState | None, store: Store) -> None:
    table, until = store.parked, NOW + 40 * SECOND
    if at is not None:
        assert table.move(ID, None, at, now=NOW)
    assert table.claim(ID, at, now=NOW, until=until)
    assert not table.claim(ID, at, now=until - MILLISECOND, until=until + SECOND)
    assert table.claim(ID, at, now=until, until=until + SECOND)
    assert table.state(ID) == at
    following = DrainState(5, is_running=True)
    assert table.move(ID, at, following, now=NOW)
    assert table.claim(ID, following, now=NOW, until=until)


def test_drain_is_stored_longer_than_its_message_lives(store: Store) -> None:
    assert store.parked.claim(ID, None, now=NOW, until=NOW + SECOND)
    assert store.parked.move(ID, None, RUNNING, now=NOW)
    (item,) = store.items(DELIVERIES)
    assert item["ttl"] > (NOW + timedelta(days=14)).timestamp()


def test_one_of_many_concurrent_changes_of_a_drain_succeeds(store: Store) -> None:
    table = store.parked
    changes: list[Callable[[], bool]] = [
        lambda: table.move(ID, None, RUNNING, now=NOW),
        lambda: table.claim(ID, RUNNING, now=NOW, until=NOW + SECOND),
        lambda: table.move(ID, RUNNING, ENDED, now=NOW),
    ]
    with ThreadPoolExecutor(16) as threads:
        for change in changes:
            assert sum(threads.map(lambda _, change=change: change(), range(16))) == 1


# ---- Concurrent workers, drains and changes of the webhook, on DynamoDB Local ----


class _Queue(list[Any]):
    """A queue without delays."""

    def send(self, sent: Any, *, delay: timedelta | None = None) -> None:
        self.extend([sent] if delay is not None else sent)


class _Path:
    """A webhook's workers and its drain."""

    def __init__(self, store: Store) -> None:
        ticks = count()
        self.steps, self.sent = _Queue(), _Queue()
        self.store = store
        self.starter = DrainStarter(store.parked, self.steps)
        clock: Callable[[], datetime] = lambda: NOW + next(ticks) * MILLISECOND  # noqa: E731  # thread-safe
        self.parking = Parking(store.parked, store.settings, self.starter, clock)
        release = Release(store.reservations, self.sent, 3)  # type: ignore[arg-type]  # no reservation is needed
        scan = RecoveryScan(store.recoveries, store.recoverable, release, Random(1), RETENTION)
        self.drainer = Drainer(self.starter, store.settings, scan, release, clock, Random(2))
        self.editor = WebhookEditor(store.settings, LockBox(), SystemRandom())

    def set_status(self, status: Literal["active", "paused"]) -> Webhook:
        def edit(before: Webhook) -> WebhookSettings:
            return replace(settings_of(before), status=status)

        self.editor.change(ID, edit, origin())
        return self.store.settings.webhook(ACCOUNT, ID)

    def drain(self) -> None:
        """Take steps until the queue is empty."""
        while self.steps:
            try:
                step: DrainStep = self.steps.pop(0)
            except IndexError:
                return
            assert self.drainer.take(step)


def test_delivery_parked_while_a_webhook_resumes_is_released(store: Store) -> None:
    """Workers park deliveries while the webhook resumes, and while its drain starts, runs and ends."""
    store.settings.add_webhook(webhook(), entry())
    path = _Path(store)
    for number in range(10):
        paused = path.set_status("paused")
        together = threading.Barrier(9)

        def park(task_: DeliveryTask, together: threading.Barrier = together, paused: Webhook = paused) -> None:
            together.wait()
            path.parking.park(paused, [task_], "paused")
            path.drain()

        def resume(together: threading.Barrier = together) -> None:
            together.wait()
            path.set_status("active")
            path.starter.start(ACCOUNT, ID, now=NOW)
            path.drain()

        with ThreadPoolExecutor(9) as threads:
            for each in [*(threads.submit(park, task_) for task_ in TASKS[:8]), threads.submit(resume)]:
                each.result()
        path.drain()
        assert _waiting(store) == [], number
        assert set(path.sent) == set(TASKS[:8]), number
        path.sent.clear()
