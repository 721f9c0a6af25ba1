"""Verify keys that are used faster than DynamoDB can write one item: check with a read, count through a queue.

DynamoDB throttles an item above about 1,000 writes per second. A throttled key is checked with a strongly consistent
read, so a revocation still takes effect on the next request. The use is counted later. A key with credits or a rate
limit has no such path, because only the write can decide what is left.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.verification import KeyQuery, KeyUses, Refusal, reason
from latchhook.dependency_errors import ThrottledError


class LateCounts(Protocol):
    """The queue of uses that are counted later."""

    def count_later(self, key_id: UUID, used_at: datetime, *, uses: int = 1) -> None:
        """Queue uses for counting. Raises `DependencyUnavailableError` if the queue does not accept them."""


@dataclass(frozen=True, slots=True)
class HotKeyUses:
    """Verifies keys with one write, or with a read if DynamoDB throttles the key."""

    keys: KeyUses
    late_counts: LateCounts

    def record_use(self, query: KeyQuery) -> ApiKey | Refusal | None:
        """Count a use like `KeyUses.record_use`. A use accepted by a read is in the queue before this returns."""
        try:
            return self.keys.record_use(query)
        except ThrottledError:
            look_up = self.keys.look_up(query)
            if look_up is None or reason(look_up, query) is not None:
                return look_up
            if look_up.key.credits is not None or look_up.key.rate_limit is not None:
                raise
        self.late_counts.count_later(query.key_id, query.now)
        # An OAuth token expires before its grant, as the write would return it.
        return replace(look_up.key, expires_at=look_up.previous_ends_at) if query.is_token else look_up.key

    def look_up(self, query: KeyQuery) -> Refusal | None:
        """Look up a key like `KeyUses.look_up`."""
        return self.keys.look_up(query)
