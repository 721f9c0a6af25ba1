"""Keys that are used faster than one item can be written: checked by a read, counted through a queue.

An item takes about 1,000 writes a second; then DynamoDB throttles it. Such a key is still checked against its own item
with a strongly consistent read, so a revocation holds on the next request as ever, and the use is counted later. A key
with credits or a rate limit is not: what it has left can only be told by the write.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.verification import KeyQuery, KeyUses, Refusal, reason
from latchhook.dependency_errors import ThrottledError


class LateCounts(Protocol):
    """Where uses wait to be counted."""

    def count_later(self, key_id: UUID, used_at: datetime, *, uses: int = 1) -> None:
        """Has uses counted; raises `DependencyUnavailableError` if that can't be promised."""


@dataclass(frozen=True, slots=True)
class HotKeyUses:
    """Checks keys by the one write, and by the read where DynamoDB throttles the key."""

    keys: KeyUses
    late_counts: LateCounts

    def record_use(self, query: KeyQuery) -> ApiKey | Refusal | None:
        """As `KeyUses.record_use`; a use that is accepted is on the queue before the answer is given."""
        try:
            return self.keys.record_use(query)
        except ThrottledError:
            look_up = self.keys.look_up(query)
            if look_up is None or reason(look_up, query) is not None:
                return look_up
            if look_up.key.credits is not None or look_up.key.rate_limit is not None:
                raise
        self.late_counts.count_later(query.key_id, query.now)
        return look_up.key

    def look_up(self, query: KeyQuery) -> Refusal | None:
        """As `KeyUses.presented`."""
        return self.keys.look_up(query)
