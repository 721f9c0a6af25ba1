"""Marking expired keys: bounded per run, and the next run goes on where this one stopped."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.clock import Clock

PAGE = 100


class DueKeys(Protocol):
    """The store's index of active keys that expire."""

    shards: Sequence[str]

    def expired(
        self, shard: str, *, now: datetime, limit: int, after: tuple[UUID, datetime] | None
    ) -> Sequence[tuple[UUID, datetime]]:
        """Ids and expiry of keys that are due, the longest due first, after the given one."""

    def mark_expired(self, key_id: UUID, *, expires_at: datetime, now: datetime) -> bool:
        """Writes `expired` and takes the key out of the index; False if it has changed meanwhile."""


def sweep(keys: DueKeys, *, clock: Clock, may_go_on: Callable[[], bool]) -> int:
    """Marks the keys that are due now, until there are none or `may_go_on` says no; gives how many."""
    now = clock()
    marked = 0
    for shard in keys.shards:
        after: tuple[UUID, datetime] | None = None
        while True:
            due = keys.expired(shard, now=now, limit=PAGE, after=after)
            for key_id, expires_at in due:
                if not may_go_on():
                    return marked
                marked += keys.mark_expired(key_id, expires_at=expires_at, now=now)
            if len(due) < PAGE:
                break
            after = due[-1]
    return marked
