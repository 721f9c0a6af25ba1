"""The scheduled job for keys that expire: it publishes events and writes the status, for a limited time per run.

The next run continues with the remaining keys.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.api_keys.scheduled_jobs import Swept
from latchhook.clock import Clock
from latchhook.dependency_errors import DependencyUnavailableError

PAGE = 100
TOGETHER = 50
"""Keys in one transaction. A key needs two writes (its item, its audit entry), and a transaction has at most 100."""


@dataclass(frozen=True, slots=True)
class DueKey:
    """A key that the job processes at `due_at`: at its expiry, or some time before as a warning."""

    id: UUID
    account_id: str
    due_at: datetime
    expires_at: datetime


class DueKeys(Protocol):
    """The index of active keys with an expiry."""

    shards: Sequence[str]

    def due(self, shard: str, *, now: datetime, limit: int, after: DueKey | None) -> Sequence[DueKey]:
        """Return due keys, the oldest first, starting after the key `after`."""

    def settle(self, keys: Sequence[DueKey], *, now: datetime) -> int:
        """Process these keys. Return the number of processed keys."""


def sweep(keys: DueKeys, *, clock: Clock, may_go_on: Callable[[], bool]) -> Swept:
    """Process all keys that are due now, while `may_go_on` returns true.

    A key that fails does not stop the others: its transaction is split until only that key remains. The key stays in
    the index for the next run.
    """
    now = clock()
    swept = Swept()
    for shard in keys.shards:
        after: DueKey | None = None
        while may_go_on():
            page = keys.due(shard, now=now, limit=PAGE, after=after)
            waiting = [page[start : start + TOGETHER] for start in range(0, len(page), TOGETHER)]
            while waiting:
                if not may_go_on():
                    return swept
                some = waiting.pop(0)
                try:
                    swept.done += keys.settle(some, now=now)
                except DependencyUnavailableError as error:
                    if len(some) > 1:
                        waiting = [some[: len(some) // 2], some[len(some) // 2 :], *waiting]
                    else:
                        swept.failures.append(error)
            if len(page) < PAGE:
                break
            after = page[-1]
    return swept
