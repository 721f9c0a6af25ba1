"""The expiry of due keys in batches. A run that stops early is continued by the next run."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from latchhook.api_keys.due_keys import PAGE, TOGETHER, DueKey, sweep
from latchhook.api_keys.scheduled_jobs import Swept
from latchhook.dependency_errors import DependencyUnavailableError
from tests.samples import ACCOUNT, NOW, SECOND, MovableClock


class IndexOfDueKeys:
    """A stand-in for the sparse index of due keys. A settled key leaves the index."""

    def __init__(self, shards: Sequence[str] = ("0", "1")) -> None:
        self.shards = shards
        self.entries: dict[UUID, tuple[str, DueKey]] = {}
        self.settled: list[UUID] = []
        self.settled_at: set[datetime] = set()
        self.together: list[int] = []
        self.changed_meanwhile: set[UUID] = set()
        self.unavailable: set[UUID] = set()
        self.pages: list[int] = []
        self.entries_stay = False

    def fill(self, count: int, *, shard: str = "0", since: timedelta = SECOND) -> list[UUID]:
        """Add `count` due keys. The first is due since `since`, each further key one millisecond longer."""
        ids = [UUID(int=len(self.entries) + number + 1) for number in range(count)]
        for number, key_id in enumerate(ids):
            due_at = NOW - since - timedelta(milliseconds=number)
            self.entries[key_id] = shard, DueKey(key_id, ACCOUNT, due_at, due_at)
        return ids

    def due(self, shard: str, *, now: datetime, limit: int, after: DueKey | None) -> Sequence[DueKey]:
        due = sorted(
            (key for its_shard, key in self.entries.values() if its_shard == shard and key.due_at <= now),
            key=lambda key: (key.due_at, key.id),
        )
        page = [key for key in due if after is None or (key.due_at, key.id) > (after.due_at, after.id)][:limit]
        self.pages.append(len(page))
        return page

    def settle(self, keys: Sequence[DueKey], *, now: datetime) -> int:
        if any(key.id in self.unavailable for key in keys):
            raise DependencyUnavailableError("transact_write_items: gone")
        settled = [key.id for key in keys if key.id not in self.changed_meanwhile]
        self.together.append(len(keys))
        self.settled += settled
        self.settled_at.add(now)
        if not self.entries_stay:
            for key_id in settled:
                del self.entries[key_id]
        return len(settled)


def _sweep(index: IndexOfDueKeys, may_go_on: Callable[[], bool] = lambda: True) -> Swept:
    return sweep(index, clock=MovableClock(), may_go_on=may_go_on)


def _allowed(times: int) -> Callable[[], bool]:
    left = iter([True] * times)
    return lambda: next(left, False)


def test_all_due_keys_of_every_shard_are_settled() -> None:
    index = IndexOfDueKeys()
    due = index.fill(3, shard="0") + index.fill(2, shard="1")

    assert _sweep(index) == Swept(5, [])
    assert sorted(index.settled) == sorted(due)


def test_key_due_now_is_settled_and_a_later_key_is_not() -> None:
    index = IndexOfDueKeys()
    (due,) = index.fill(1, since=timedelta())
    index.fill(1, since=-SECOND)

    assert _sweep(index).done == 1
    assert index.settled == [due]
    assert index.settled_at == {NOW}


def test_run_without_due_keys_costs_one_query_per_shard() -> None:
    index = IndexOfDueKeys(shards=tuple("0123456789abcdef"))

    assert _sweep(index) == Swept()
    assert index.pages == [0] * 16


def test_due_keys_are_read_in_pages_and_settled_in_transactions() -> None:
    index = IndexOfDueKeys(shards=("0",))
    index.fill(2 * PAGE + 10)

    assert _sweep(index).done == 2 * PAGE + 10
    assert index.pages == [PAGE, PAGE, 10]
    assert index.together == [TOGETHER] * 4 + [10]


def test_transaction_has_room_for_each_key_and_its_audit_entry() -> None:
    assert 2 * TOGETHER <= 100


def test_settled_keys_that_remain_in_the_index_are_not_settled_again() -> None:
    index = IndexOfDueKeys(shards=("0",))
    index.entries_stay = True  # The index is eventually consistent.
    index.fill(2 * PAGE)

    _sweep(index)

    assert len(index.settled) == len(set(index.settled)) == 2 * PAGE


@pytest.mark.parametrize("times", [0, 1])
def test_run_without_remaining_time_settles_nothing(times: int) -> None:
    index = IndexOfDueKeys()
    index.fill(10)

    assert _sweep(index, _allowed(times)) == Swept()
    assert index.settled == []


def test_next_run_continues_where_the_previous_run_stopped() -> None:
    index = IndexOfDueKeys()
    due = index.fill(PAGE + 20, shard="0") + index.fill(30, shard="1")

    runs = [_sweep(index, _allowed(3)).done for _ in range(4)]

    assert runs == [PAGE, 20, 30, 0]
    assert sorted(index.settled) == sorted(due)


def test_key_that_is_due_longest_is_settled_first() -> None:
    index = IndexOfDueKeys(shards=("0",))
    due = index.fill(TOGETHER + 5)

    _sweep(index, _allowed(2))

    assert index.settled == due[:4:-1]


def test_concurrently_changed_key_is_skipped_and_not_counted() -> None:
    index = IndexOfDueKeys()
    due = index.fill(3)
    index.changed_meanwhile = {due[1]}

    assert _sweep(index) == Swept(2, [])
    assert sorted(index.settled) == sorted([due[0], due[2]])


def test_failed_batch_is_reported_and_other_batches_are_settled() -> None:
    index = IndexOfDueKeys()
    due = index.fill(2 * PAGE, shard="0") + index.fill(5, shard="1")
    index.unavailable = {due[0], due[-1]}

    swept = _sweep(index)

    assert swept.done == 2 * PAGE + 5 - 2
    assert [type(failure) for failure in swept.failures] == [DependencyUnavailableError] * 2
    index.unavailable = set()
    assert _sweep(index) == Swept(2, [])
    assert sorted(index.settled) == sorted(due)
