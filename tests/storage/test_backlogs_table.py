"""The backlogs in the table: their order, their deletion, and a chain of steps that runs once at a time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from latchhook.storage.backlogs_table import BacklogsTable
from latchhook.webhooks.backlog import ended
from latchhook.webhooks.delivery import DeliveryTask
from tests.samples import MILLISECOND, NOW, SECOND, event, task, webhook
from tests.storage.conftest import Store
from tests.template_tables import DELIVERIES

ID = webhook().id
TASKS = [task(event(f"evt_{number}", accepted_at=NOW + number * MILLISECOND)) for number in range(30)]


def _table(store: Store) -> BacklogsTable:
    return BacklogsTable(store.database, table=DELIVERIES, retention_days=30)


def _waiting(store: Store, limit: int = 100) -> Sequence[DeliveryTask]:
    return [each.task for each in _table(store).oldest(ID, limit=limit)]


def test_first_attempts_wait_in_the_order_of_their_events(store: Store) -> None:
    _table(store).put(list(reversed(TASKS)), now=NOW + SECOND)
    assert _waiting(store) == TASKS
    assert _waiting(store, limit=7) == TASKS[:7]


@pytest.mark.parametrize(
    "later",
    [
        replace(TASKS[0], attempt=3, trigger="retry"),
        replace(TASKS[0], attempt=2, trigger="manual"),
        replace(TASKS[0], trigger="recover"),
        replace(TASKS[0], attempt=999, trigger="recover", missed_slots=2, uncounted=998),
    ],
)
def test_later_attempts_wait_from_the_time_of_their_request(later: DeliveryTask, store: Store) -> None:
    _table(store).put([later, *TASKS[1:3]], now=NOW + 2 * MILLISECOND - timedelta(microseconds=1))
    first, last = TASKS[1:3]
    assert set(_waiting(store, limit=2)) == {first, later}
    assert _waiting(store)[2] == last
    (kept,) = [each for each in _table(store).oldest(ID, limit=3) if each.task == later]
    assert (kept.since, kept.until) == (NOW + MILLISECOND, NOW + timedelta(days=30))


def test_items_expire_with_their_events(store: Store) -> None:
    _table(store).put(TASKS[:1], now=NOW + SECOND)
    (item,) = store.items(DELIVERIES)
    assert (item["pk"], item["ttl"]) == (f"BACKLOG#{ID}", (NOW + timedelta(days=30)).timestamp())


def test_released_tasks_are_deleted_and_may_be_deleted_already(store: Store) -> None:
    _table(store).put(TASKS, now=NOW)
    found = _table(store).oldest(ID, limit=28)
    for _ in range(2):
        _table(store).let_go(found)
    assert _waiting(store) == TASKS[28:]


def test_task_stored_again_is_not_deleted_with_its_earlier_copy(store: Store) -> None:
    _table(store).put(TASKS[:2], now=NOW)
    found = _table(store).oldest(ID, limit=28)
    _table(store).put(TASKS[:1], now=NOW + MILLISECOND)
    assert _waiting(store) == [TASKS[0], TASKS[0], TASKS[1]]
    _table(store).let_go(found)
    assert _waiting(store) == TASKS[:1]


def test_step_is_claimed_by_one_run_until_it_advances_or_expires(store: Store) -> None:
    table, until = _table(store), NOW + 40 * SECOND
    for at in (None, 5):
        assert table.claim(ID, at, now=NOW, until=until)
        assert not table.claim(ID, at, now=until - MILLISECOND, until=until + SECOND)
        assert not table.claim(ID, 7, now=until, until=until + SECOND)
        assert table.claim(ID, at, now=until, until=until + SECOND)
        assert table.advance(ID, at, 5 if at is None else ended(5), now=NOW)
    assert table.claim(ID, ended(5), now=NOW, until=until)


def test_writes_take_25_tasks_per_call_and_a_read_is_one_query(store: Store) -> None:
    _table(store).put(TASKS, now=NOW)
    assert store.calls == {"BatchWriteItem": 2}
    found = _table(store).oldest(ID, limit=30)
    assert store.calls == {"BatchWriteItem": 2, "Query": 1}
    _table(store).let_go(found)
    assert store.calls == {"BatchWriteItem": 4, "Query": 1}


def test_webhooks_have_separate_backlogs(store: Store) -> None:
    other = task(event("evt_0"), webhook(2))
    _table(store).put([TASKS[0], other], now=NOW)
    assert _waiting(store) == TASKS[:1]
    assert _table(store).advance(ID, None, 0, now=NOW)
    assert _table(store).step(other.webhook_id) is None


def test_chain_advances_step_by_step_and_restarts_after_its_end(store: Store) -> None:
    table = _table(store)
    for before, after in ((None, 0), (0, 1), (1, 2), (2, ended(2)), (ended(2), 3), (3, ended(3))):
        assert table.step(ID) == before
        for wrong in {None, 0, 1, 2, 3, ended(2)} - {before}:
            assert not table.advance(ID, wrong, 7, now=NOW)
            assert not table.advance(ID, wrong, ended(7), now=NOW)
        assert table.advance(ID, before, after, now=NOW)
        assert table.step(ID) == after


def test_chain_is_stored_longer_than_its_message_lives(store: Store) -> None:
    assert _table(store).advance(ID, None, 0, now=NOW)
    (item,) = store.items(DELIVERIES)
    assert (item["pk"], item["sk"]) == (f"RELEASING#{ID}", "RELEASE")
    assert item["ttl"] > (NOW + timedelta(days=14)).timestamp()


def test_only_one_of_many_concurrent_advances_succeeds(amazon_store: Store) -> None:
    table = _table(amazon_store)
    changes: list[Callable[[], bool]] = [
        lambda: table.advance(ID, None, 0, now=NOW),
        lambda: table.claim(ID, 0, now=NOW, until=NOW + SECOND),
        lambda: table.advance(ID, 0, 1, now=NOW),
        lambda: table.advance(ID, 1, ended(1), now=NOW),
    ]
    with ThreadPoolExecutor(16) as threads:
        for change in changes:
            assert sorted(threads.map(lambda _, change=change: change(), range(16)))[-2:] == [False, True]
