"""The `Idempotency-Key` header: a client can repeat a request whose response was lost. The request has one effect.

Source: draft-ietf-httpapi-idempotency-key-header. The record is written in the same transaction as the change. An
import is many transactions: its record is written after the last of them. The replayed response describes the object as
it is now, and never contains its secret.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

KEPT = timedelta(hours=24)
"""After this time, the same idempotency key starts a new request."""

MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The identity of a request and the fingerprint of its content."""

    name: str
    """Hash of the account, the caller, the operation and the `Idempotency-Key`."""
    fingerprint: str
    """Fingerprint of the path and the body."""


@dataclass(frozen=True, slots=True)
class CompletedRequest:
    """The recorded result of an earlier request with the same idempotency key."""

    fingerprint: str
    target_id: UUID
    """The id of the created or changed object. For an import, the id of its first key."""
    previous_until: datetime | None = None
    """End of the previous secret's grace period, if the request rotated a secret."""
    imported: Sequence[tuple[UUID, Literal["created", "exists"]]] = ()
    """The result for each key of an import, in the order of the request."""


class AlreadyCompletedError(Exception):
    """A request with this idempotency key was completed before. Nothing was changed now."""

    def __init__(self, done: CompletedRequest) -> None:
        super().__init__("request already completed")
        self.done = done


class IdempotencyKeyReusedError(Exception):
    """The `Idempotency-Key` was used for another request."""
