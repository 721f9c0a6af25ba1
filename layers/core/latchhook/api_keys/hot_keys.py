"""Keys that are used faster than one item can be written: checked by a read, counted through a queue.

An item takes about 1,000 writes a second; then DynamoDB throttles it. Such a key is still checked against its own item
with a strongly consistent read, so a revocation holds on the next request as ever, and the use is counted later.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.verification import KeyChecks, Question, Refusal, reason
from latchhook.outages import ThrottledError


class KeyReads(KeyChecks, Protocol):
    """The store's side: the one write, and the read that stands in for it."""

    def presented(self, question: Question) -> Refusal | None:
        """The key as it stands and which of its secrets was presented; None where no such key exists."""


class LateCounts(Protocol):
    """Where uses wait to be counted."""

    def count_later(self, key_id: UUID, used_at: datetime) -> None:
        """Has one use counted; raises `StoreUnavailableError` if that can't be promised."""


@dataclass(frozen=True, slots=True)
class HotKeyChecks:
    """Checks keys by the one write, and by the read where DynamoDB throttles the key."""

    keys: KeyReads
    late_counts: LateCounts

    def count_use(self, question: Question) -> ApiKey | Refusal | None:
        """As `KeyChecks.count_use`; a use that is accepted is on the queue before the answer is given."""
        try:
            return self.keys.count_use(question)
        except ThrottledError:
            presented = self.keys.presented(question)
        if presented is None or reason(presented, question) is not None:
            return presented
        self.late_counts.count_later(question.key_id, question.now)
        return presented.key
