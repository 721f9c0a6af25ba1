"""Parked deliveries of paused webhooks, on moto and on DynamoDB Local, and with concurrent callers."""

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from random import Random, SystemRandom
from uuid import UUID, uuid4

import pytest

from latchhook.clock import to_millis
from latchhook.webhooks.changing import WebhookEditor, WebhookSettings, settings_of
from latchhook.webhooks.delivery import DeliveryTask, Trigger
from latchhook.webhooks.held_deliveries import HeldTask, Releaser
from latchhook.webhooks.webhook import Webhook
from tests.features.webhooks.memory import LockBox
from tests.samples import ACCOUNT, MILLISECOND, NOW, attempt, entry, event, origin, task, webhook
from tests.storage.conftest import Store
from tests.template_tables import DELIVERIES, declared_tables

PAUSED = webhook(status="paused")
HOLD = UUID(int=Random(9).getrandbits(128), version=4)
KEPT_UNTIL = NOW + timedelta(days=30)


def _hold(store: Store, task_: DeliveryTask | None = None, hold_id: UUID = HOLD) -> bool:
    return store.deliveries.hold(task_ or task(), event(), hold_id=hold_id)


def _held(store: Store, *, limit: int = 100) -> Sequence[DeliveryTask]:
    return [each.task for each in store.deliveries.held(webhook().id, limit=limit)]


@pytest.mark.parametrize(("number", "trigger"), [(1, "event"), (2, "retry"), (3, "manual"), (999, "recover")])
def test_task_is_parked_unchanged(store: Store, number: int, trigger: Trigger) -> None:
    store.settings.add_webhook(PAUSED, entry())
    waiting = replace(task(attempt=number), trigger=trigger, uncounted=number - 1)
    store.calls.clear()

    assert _hold(store, waiting)

    assert store.calls == {"PutItem": 1, "GetItem": 1}
    assert store.deliveries.held(webhook().id, limit=100) == (HeldTask(waiting, HOLD, KEPT_UNTIL),)


@pytest.mark.parametrize(
    "state",
    [webhook(), webhook(status="disabled"), None, webhook(account_id="acct_other", status="paused")],
    ids=["active", "disabled", "deleted", "another account's"],
)
def test_nothing_stays_parked_for_a_webhook_that_is_not_paused(store: Store, state: Webhook | None) -> None:
    if state is not None:
        store.settings.add_webhook(state, entry(state.account_id))

    assert not _hold(store)
    assert _held(store) == []


def test_parked_tasks_are_read_in_order_of_their_events_with_one_query(store: Store) -> None:
    store.settings.add_webhook(PAUSED, entry())
    events = [event(f"evt_{number}", accepted_at=NOW + number * MILLISECOND) for number in range(5)]
    tasks = [task(events[0]), *(task(each, attempt=number) for each in events[1:] for number in (1, 2))]
    for each in Random(3).sample(tasks, len(tasks)):
        _hold(store, each)
    store.calls.clear()

    assert _held(store) == tasks
    assert _held(store, limit=4) == tasks[:4]
    assert store.calls == {"Query": 2}


def test_parked_tasks_of_other_webhooks_are_not_read(store: Store) -> None:
    store.settings.add_webhook(webhook(2, status="paused"), entry())

    assert _hold(store, task(event(), webhook(2)))
    assert _held(store) == []


def test_task_parked_twice_has_two_entries_that_are_deleted_separately(store: Store) -> None:
    """A released task can be parked again before its first entry is deleted. The deletion must keep the new entry."""
    store.settings.add_webhook(PAUSED, entry())
    _hold(store)
    first = store.deliveries.held(webhook().id, limit=100)
    _hold(store, hold_id=uuid4())

    store.deliveries.let_go(first)

    assert _held(store) == [task()]


def test_released_tasks_are_deleted_and_can_be_deleted_again(store: Store) -> None:
    store.settings.add_webhook(PAUSED, entry())
    for number in range(1, 61):
        _hold(store, task(attempt=number))
    found = store.deliveries.held(webhook().id, limit=52)
    store.calls.clear()

    for _ in range(2):
        store.deliveries.let_go(found)

    assert store.calls == {"BatchWriteItem": 6}
    assert [each.attempt for each in _held(store)] == list(range(53, 61))


def test_parked_task_expires_by_ttl_with_its_event(store: Store) -> None:
    store.settings.add_webhook(PAUSED, entry())
    store.deliveries.record_once(event(), receipt="r1")
    _hold(store, task(attempt=9))
    ttl = declared_tables()[DELIVERIES]["TimeToLiveSpecification"]["AttributeName"]

    assert [item[ttl] for item in store.items(DELIVERIES)] == [to_millis(KEPT_UNTIL) // 1000] * 2


def test_parked_tasks_are_in_no_log(store: Store) -> None:
    store.settings.add_webhook(PAUSED, entry())
    _hold(store)

    assert store.deliveries.newest_of_account(ACCOUNT, limit=100) == ()
    assert store.deliveries.page_of_webhook(ACCOUNT, webhook().id, limit=100, after=None).items == ()
    assert store.deliveries.attempts(ACCOUNT, webhook().id, task().delivery_id, limit=100) == ()
    assert store.deliveries.prepare([task()])[0].made is None


# ---- Concurrent callers, on DynamoDB Local ----


class Path:
    """A delivery path for concurrent threads: a queue, workers, releases, and changes of the webhook's status."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.editor = WebhookEditor(store.settings, LockBox(), SystemRandom())
        self.releaser = Releaser(store.settings, store.deliveries, self, lambda: NOW)
        self.waiting: list[DeliveryTask] = []
        self.made: list[DeliveryTask] = []
        self.holds = 0

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        self.waiting.extend(tasks)

    def set_status(self, status: str) -> None:
        def edit(before: Webhook) -> WebhookSettings:
            return replace(settings_of(before), status=status)  # type: ignore[arg-type]  # one of two literals

        self.editor.change(webhook().id, edit, origin())

    def release(self) -> None:
        assert self.releaser.release(ACCOUNT, webhook().id, may_go_on=lambda: True)

    def work(self) -> bool:
        """Take one task as a worker does: read it, then make its attempt, park it or return it to the queue."""
        try:
            task_ = self.waiting.pop()
        except IndexError:
            return False
        (prepared,) = self.store.deliveries.prepare([task_])
        assert prepared.webhook is not None
        if prepared.webhook.status == "active":
            self.made.append(task_)
            self.store.deliveries.record([attempt(task_)])
        elif self.store.deliveries.hold(task_, event(), hold_id=uuid4()):
            self.holds += 1
        else:
            self.waiting.append(task_)
        return True


def test_pausing_and_resuming_loses_no_task_and_leaves_none_parked(amazon_store: Store) -> None:
    amazon_store.settings.add_webhook(webhook(), entry())
    path = Path(amazon_store)
    tasks = [task(event(f"evt_{number}")) for number in range(400)]
    path.waiting = list(tasks)
    finished = threading.Event()

    def keep_working() -> None:
        while path.work() or not finished.is_set():
            pass

    with ThreadPoolExecutor(16) as threads:
        workers = [threads.submit(keep_working) for _ in range(12)]
        releases = []
        for _ in range(25):
            path.set_status("paused")
            path.set_status("active")
            # As the stream does it: later, when the next pause can already have started.
            releases.append(threads.submit(path.release))
        for each in releases:
            each.result()
        finished.set()
        for worker in workers:
            worker.result()

    assert path.holds > 0
    assert _held(amazon_store) == []
    assert Counter(path.made).keys() == set(tasks)


def test_tasks_of_a_busy_webhook_are_all_parked_during_changes(amazon_store: Store) -> None:
    """Parking takes no lock, because a paused webhook can get any number of events."""
    amazon_store.settings.add_webhook(PAUSED, entry())
    path = Path(amazon_store)
    path.waiting = [task(event(f"evt_{number}")) for number in range(300)]

    with ThreadPoolExecutor(64) as threads:
        changes = [threads.submit(path.set_status, "paused") for _ in range(3)]
        assert all(threads.map(lambda _: path.work(), range(300)))
        for change in changes:
            change.result()

    assert (path.made, path.waiting, path.holds) == ([], [], 300)
    assert len(_held(amazon_store, limit=1000)) == 300


def test_task_parked_during_a_resumption_is_released_or_requeued(
    amazon_store: Store,
) -> None:
    amazon_store.settings.add_webhook(PAUSED, entry())
    path = Path(amazon_store)
    tasks = [task(event(f"evt_{number}")) for number in range(8)]
    for number in range(30):
        path.set_status("paused")
        start = threading.Barrier(9)

        def hold(task_: DeliveryTask, start: threading.Barrier = start) -> bool:
            start.wait()
            return amazon_store.deliveries.hold(task_, event(), hold_id=uuid4())

        def resume(start: threading.Barrier = start) -> list[DeliveryTask]:
            start.wait()
            path.set_status("active")
            return list(_held(amazon_store))

        with ThreadPoolExecutor(9) as threads:
            holds = [threads.submit(hold, each) for each in tasks]
            # A release after the resumption finds exactly the tasks that were reported as parked.
            found = threads.submit(resume).result()
            kept = [each for each, held in zip(tasks, holds, strict=True) if held.result()]
        assert set(kept) <= set(found), number
        assert sorted(map(str, _held(amazon_store))) == sorted(map(str, kept))
        path.release()
        assert _held(amazon_store) == []
        assert Counter(path.waiting) == Counter(kept)
        path.waiting.clear()
