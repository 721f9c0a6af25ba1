"""`Idempotency-Key`: a request whose answer was lost can be sent again, and is done once.

Source: draft-ietf-httpapi-idempotency-key-header. The record stands in the transaction of what was done; the repeated
answer says which key or webhook it was, and never its secret, which is shown once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

KEPT = timedelta(hours=24)
"""After that the same key is a new request."""

MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Repeatable:
    """What names a request among its caller's, and what was asked by it."""

    name: str
    """Of the account, the caller, the operation and the `Idempotency-Key`, hashed."""
    fingerprint: str
    """Of the path and the body."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a request of that name did before."""

    fingerprint: str
    target_id: UUID
    """The key or webhook."""
    previous_until: datetime | None
    """Until when the secret before holds, where the request replaced one."""


class AlreadyDoneError(Exception):
    """A request of that name was done before; nothing was done now."""

    def __init__(self, done: Done) -> None:
        super().__init__("already done")
        self.done = done


class IdempotencyKeyReusedError(Exception):
    """The `Idempotency-Key` stood on another request before."""


def same_request(already: AlreadyDoneError, request: Repeatable | None) -> Done:
    """What was done, if it was the same that is asked for now; raises `IdempotencyKeyReusedError` if not."""
    if request is None:
        raise already
    if already.done.fingerprint != request.fingerprint:
        raise IdempotencyKeyReusedError
    return already.done
