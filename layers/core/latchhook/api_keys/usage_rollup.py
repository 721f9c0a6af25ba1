"""Moving the uses of a month that is over out of the keys' items, which every verification writes.

So that an item stays small: it holds the days of this month, and the months before stand beside it until they are no
longer shown.
"""

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from latchhook.api_keys.scheduled_jobs import Swept
from latchhook.clock import Clock
from latchhook.dependency_errors import DependencyUnavailableError

PAGE = 100


class UsedKeys(Protocol):
    """The store's index of keys by the oldest month in their items."""

    shards: Sequence[str]

    def used_before(self, shard: str, *, month: int, limit: int) -> Sequence[UUID]:
        """Keys whose items hold uses of months before `month` (`YYYYMM`), the oldest first."""

    def close_months(self, key_id: UUID, *, month: int) -> bool:
        """Moves the uses of those months out of the key's item; False if nothing was moved."""


def close_months(keys: UsedKeys, *, clock: Clock, may_go_on: Callable[[], bool]) -> Swept:
    """Closes months until all are, or `may_go_on` says no; a key that can't be done waits for the next run."""
    month = int(f"{clock():%Y%m}")
    swept = Swept()
    for shard in keys.shards:
        seen: set[UUID] = set()
        # A key that was done leaves the index, some moments later: those seen again are not done again.
        while new := [key_id for key_id in keys.used_before(shard, month=month, limit=PAGE) if key_id not in seen]:
            for key_id in new:
                if not may_go_on():
                    return swept
                try:
                    swept.done += keys.close_months(key_id, month=month)
                except DependencyUnavailableError as error:
                    swept.failures.append(error)
            seen |= set(new)
    return swept
