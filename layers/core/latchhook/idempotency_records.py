"""The `Idempotency-Key` header: a client can repeat a request whose response was lost. The request has one effect.

Source: draft-ietf-httpapi-idempotency-key-header. The record is written in the same transaction as the change. The
repeated response names the key or webhook, and never contains its secret.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
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
    """The id of the key or webhook."""
    previous_until: datetime | None
    """End of the previous secret's grace period, if the request rotated a secret."""


class AlreadyCompletedError(Exception):
    """A request with this idempotency key was completed before. Nothing was changed now."""

    def __init__(self, done: CompletedRequest) -> None:
        super().__init__("request already completed")
        self.done = done


class IdempotencyKeyReusedError(Exception):
    """The `Idempotency-Key` was used for another request."""


def same_request(already: AlreadyCompletedError, request: IdempotencyKey | None) -> CompletedRequest:
    """Return the earlier result if the requests are equal. Raises `IdempotencyKeyReusedError` if they differ."""
    if request is None:
        raise already
    if already.done.fingerprint != request.fingerprint:
        raise IdempotencyKeyReusedError
    return already.done
