"""The sweep of expired keys: all of them, a bounded number a run, and the next run goes on."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from latchhook.api_keys.expiry_sweep import PAGE, sweep
from tests.samples import NOW, MovableClock


class IndexOfDueKeys:
    """The sparse index: a key leaves it when it is marked."""

    def __init__(self, shards: Sequence[str] = ("0", "1")) -> None:
        self.shards = shards
        self.entries: dict[UUID, tuple[str, datetime]] = {}
        self.marked: list[UUID] = []
        self.changed_meanwhile: set[UUID] = set()
        self.pages: list[int] = []
        self.entries_stay = False

    def fill(self, count: int, *, shard: str = "0", since: timedelta = timedelta(seconds=1)) -> list[UUID]:
        """Adds keys that expired `since` before now, each next one a bit earlier."""
        ids = [UUID(int=len(self.entries) + number + 1) for number in range(count)]
        for number, key_id in enumerate(ids):
            self.entries[key_id] = (shard, NOW - since - timedelta(milliseconds=number))
        return ids

    def expired(
        self, shard: str, *, now: datetime, limit: int, after: tuple[UUID, datetime] | None
    ) -> Sequence[tuple[UUID, datetime]]:
        due = sorted(
            (at, key_id) for key_id, (its_shard, at) in self.entries.items() if its_shard == shard and at <= now
        )
        page = [(key_id, at) for at, key_id in due if after is None or (at, key_id) > (after[1], after[0])][:limit]
        self.pages.append(len(page))
        return page

    def mark_expired(self, key_id: UUID, *, expires_at: datetime, now: datetime) -> bool:
        if key_id in self.changed_meanwhile:
            return False
        assert self.entries[key_id][1] == expires_at <= now
        self.marked.append(key_id)
        if not self.entries_stay:
            del self.entries[key_id]
        return True


def _sweep(index: IndexOfDueKeys, may_go_on: Callable[[], bool] = lambda: True) -> int:
    return sweep(index, clock=MovableClock(), may_go_on=may_go_on)


def _allowed(times: int) -> Callable[[], bool]:
    left = iter([True] * times)
    return lambda: next(left, False)


def test_all_keys_that_are_due_are_marked_in_every_shard() -> None:
    index = IndexOfDueKeys()
    due = index.fill(3, shard="0") + index.fill(2, shard="1")

    assert _sweep(index) == 5
    assert sorted(index.marked) == sorted(due)


def test_a_key_that_expires_this_moment_is_due_and_a_later_one_is_not() -> None:
    index = IndexOfDueKeys()
    (due,) = index.fill(1, since=timedelta())
    index.fill(1, since=timedelta(seconds=-1))

    assert _sweep(index) == 1
    assert index.marked == [due]


def test_nothing_due_is_one_query_a_shard() -> None:
    index = IndexOfDueKeys(shards=tuple("0123456789abcdef"))

    assert _sweep(index) == 0
    assert index.pages == [0] * 16


def test_more_than_a_page_is_read_page_by_page() -> None:
    index = IndexOfDueKeys(shards=("0",))
    index.fill(2 * PAGE + 10)

    assert _sweep(index) == 2 * PAGE + 10
    assert index.pages == [PAGE, PAGE, 10]


def test_keys_that_still_stand_in_the_index_are_not_met_again() -> None:
    index = IndexOfDueKeys(shards=("0",))
    index.entries_stay = True  # an index is eventually consistent
    index.fill(2 * PAGE)

    _sweep(index)

    assert len(index.marked) == len(set(index.marked)) == 2 * PAGE


def test_a_run_stops_as_soon_as_it_may_not_go_on() -> None:
    index = IndexOfDueKeys()
    index.fill(10)

    assert _sweep(index, _allowed(4)) == 4
    assert len(index.marked) == 4


def test_the_next_run_goes_on_where_one_stopped() -> None:
    index = IndexOfDueKeys()
    due = index.fill(PAGE + 20, shard="0") + index.fill(30, shard="1")

    runs = [_sweep(index, _allowed(70)) for _ in range(4)]

    assert runs == [70, 70, 10, 0]
    assert sorted(index.marked) == sorted(due)


def test_the_longest_due_is_marked_first() -> None:
    index = IndexOfDueKeys()
    due = index.fill(5)

    _sweep(index, _allowed(1))

    assert index.marked == [due[-1]]


def test_a_key_that_changed_meanwhile_is_not_counted_and_stops_nothing() -> None:
    index = IndexOfDueKeys()
    due = index.fill(3)
    index.changed_meanwhile = {due[1]}

    assert _sweep(index) == 2
    assert sorted(index.marked) == sorted([due[0], due[2]])
