"""Requests with an `Idempotency-Key` in memory, for tests of what is done once."""

from datetime import datetime
from uuid import UUID

from latchhook.idempotency_records import AlreadyCompletedError, CompletedRequest, IdempotencyKey


class RememberedRequests:
    """What was done, for good."""

    def __init__(self) -> None:
        self._done: dict[str, CompletedRequest] = {}

    def do_once(self, request: IdempotencyKey | None, target_id: UUID, previous_until: datetime | None = None) -> None:
        """Record the request. Raises `AlreadyCompletedError` for a repeat; without a request nothing is recorded."""
        if request is not None:
            self.refuse(request)
            self._done[request.name] = CompletedRequest(request.fingerprint, target_id, previous_until)

    def refuse(self, request: IdempotencyKey) -> None:
        """Raises `AlreadyCompletedError` for what was done."""
        if request.name in self._done:
            raise AlreadyCompletedError(self._done[request.name])
