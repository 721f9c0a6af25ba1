"""The usage rollup of past months: each key is rolled up once, and a failed key waits for the next run."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from latchhook.api_keys.billing import BillingDay
from latchhook.api_keys.scheduled_jobs import Swept
from latchhook.api_keys.usage_rollup import PAGE, close_months
from latchhook.dependency_errors import DependencyUnavailableError
from tests.samples import MovableClock


class IndexOfUsedKeys:
    """A stand-in for the index of keys by the oldest month in their items. `lags` keeps finished keys in the index."""

    def __init__(self, shards: Sequence[str] = ("0",)) -> None:
        self.shards = shards
        self.months: dict[UUID, tuple[str, int]] = {}
        self.lags = False
        self.unavailable: set[UUID] = set()
        self.changed_meanwhile: set[UUID] = set()
        self.closed: list[UUID] = []
        self.queries = 0
        self.kept_from: list[str] = []

    def fill(self, count: int, *, month: int, shard: str = "0") -> list[UUID]:
        ids = [UUID(int=len(self.months) + number + 1) for number in range(count)]
        self.months |= dict.fromkeys(ids, (shard, month))
        return ids

    def used_before(self, shard: str, *, month: int, limit: int) -> Sequence[UUID]:
        self.queries += 1
        found = [(its, key_id) for key_id, (place, its) in self.months.items() if place == shard and its < month]
        return [key_id for _, key_id in sorted(found)][:limit]

    def close_months(self, key_id: UUID, *, month: int, kept_from: Callable[[str], str]) -> bool:
        self.kept_from.append(kept_from("acme"))
        if key_id in self.unavailable:
            raise DependencyUnavailableError("transact_write_items: gone")
        if key_id in self.changed_meanwhile:
            return False
        assert self.months[key_id][1] < month
        self.closed.append(key_id)
        if not self.lags:
            self.months[key_id] = (self.months[key_id][0], month)
        return True


def _close(
    index: IndexOfUsedKeys,
    at: datetime = datetime(2027, 3, 1, tzinfo=UTC),
    may_go_on: Callable[[], bool] = lambda: True,
) -> Swept:
    return close_months(index, clock=MovableClock(at), may_go_on=may_go_on)


def test_past_months_are_closed_in_every_shard() -> None:
    index = IndexOfUsedKeys(shards=("0", "1"))
    old = index.fill(2, month=202702, shard="0") + index.fill(1, month=202612, shard="1")
    index.fill(3, month=202703)

    assert _close(index) == Swept(3, [])
    assert sorted(index.closed) == sorted(old)


def test_month_ends_with_its_last_moment_in_utc() -> None:
    index = IndexOfUsedKeys()
    index.fill(1, month=202702)

    assert _close(index, datetime(2027, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)).done == 0
    assert _close(index, datetime(2027, 3, 1, tzinfo=UTC)).done == 1


def test_keys_are_closed_page_by_page() -> None:
    index = IndexOfUsedKeys()
    index.fill(2 * PAGE + 10, month=202702)

    assert _close(index).done == 2 * PAGE + 10
    assert index.queries == 4


def test_finished_keys_that_remain_in_the_index_end_the_run() -> None:
    index = IndexOfUsedKeys()
    index.lags = True
    index.fill(PAGE, month=202702)

    assert _close(index).done == PAGE
    assert len(index.closed) == len(set(index.closed)) == PAGE


def test_failed_key_is_reported_and_other_keys_are_closed() -> None:
    index = IndexOfUsedKeys()
    keys = index.fill(5, month=202702)
    index.unavailable, index.changed_meanwhile = {keys[1]}, {keys[2]}

    swept = _close(index)

    assert (swept.done, [type(failure) for failure in swept.failures]) == (3, [DependencyUnavailableError])
    index.unavailable, index.changed_meanwhile = set(), set()
    assert _close(index).done == 2


def test_run_stops_without_remaining_time_and_the_next_run_continues() -> None:
    index = IndexOfUsedKeys()
    index.fill(10, month=202702)
    left = iter([True] * 4)

    assert _close(index, may_go_on=lambda: next(left, False)).done == 4
    assert _close(index).done == 6


class BillingDaysOfAccounts:
    """Gives each account the 15th, and counts the reads."""

    def __init__(self) -> None:
        self.reads = 0

    def of(self, account_id: str) -> BillingDay:
        assert account_id == "acme"
        self.reads += 1
        return BillingDay(15)


def test_current_billing_period_is_kept_with_one_read_per_account() -> None:
    index, days = IndexOfUsedKeys(), BillingDaysOfAccounts()
    index.fill(3, month=202702)
    clock = MovableClock(datetime(2027, 3, 1, tzinfo=UTC))

    assert close_months(index, clock=clock, may_go_on=lambda: True, billing_days=days).done == 3
    assert (index.kept_from, days.reads) == (["20270215"] * 3, 1)


def test_calendar_month_is_kept_by_default() -> None:
    index = IndexOfUsedKeys()
    index.fill(1, month=202702)

    assert _close(index).done == 1
    assert index.kept_from == ["20270301"]
