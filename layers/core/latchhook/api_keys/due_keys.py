"""Keys that expire soon or now: told and marked, bounded per run; the next run goes on where this one stopped."""

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
"""Keys in one transaction, which takes a hundred writes: each key's own and its audit entry."""


@dataclass(frozen=True, slots=True)
class DueKey:
    """A key for which something is to be done: at `due_at`, which is before its expiry or that very moment."""

    id: UUID
    account_id: str
    due_at: datetime
    expires_at: datetime


class DueKeys(Protocol):
    """The store's index of active keys that expire."""

    shards: Sequence[str]

    def due(self, shard: str, *, now: datetime, limit: int, after: DueKey | None) -> Sequence[DueKey]:
        """Keys that are due, the longest due first, after the given one."""

    def settle(self, keys: Sequence[DueKey], *, now: datetime) -> int:
        """Does what is due for these keys; gives for how many."""


def sweep(keys: DueKeys, *, clock: Clock, may_go_on: Callable[[], bool]) -> Swept:
    """Settles the keys that are due now, until there are none or `may_go_on` says no.

    What can't be settled stops nobody else, not even those of its own transaction; it is in the index for the next run.
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
