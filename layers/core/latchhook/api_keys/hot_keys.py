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
from latchhook.api_keys.verification import KeyUses, Question, Refusal, reason
from latchhook.outages import ThrottledError


class LateCounts(Protocol):
    """Where uses wait to be counted."""

    def count_later(self, key_id: UUID, used_at: datetime, *, uses: int = 1) -> None:
        """Has uses counted; raises `StoreUnavailableError` if that can't be promised."""


@dataclass(frozen=True, slots=True)
class HotKeyUses:
    """Checks keys by the one write, and by the read where DynamoDB throttles the key."""

    keys: KeyUses
    late_counts: LateCounts

    def count_use(self, question: Question) -> ApiKey | Refusal | None:
        """As `KeyUses.count_use`; a use that is accepted is on the queue before the answer is given."""
        try:
            return self.keys.count_use(question)
        except ThrottledError:
            presented = self.keys.presented(question)
            if presented is None or reason(presented, question) is not None:
                return presented
            if presented.key.credits is not None or presented.key.rate_limit is not None:
                raise
        self.late_counts.count_later(question.key_id, question.now)
        return presented.key

    def presented(self, question: Question) -> Refusal | None:
        """As `KeyUses.presented`."""
        return self.keys.presented(question)
