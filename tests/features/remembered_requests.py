"""An in-memory record of requests with an `Idempotency-Key`."""

from datetime import datetime
from uuid import UUID

from latchhook.idempotency_records import AlreadyCompletedError, CompletedRequest, IdempotencyKey


class RememberedRequests:
    """The completed requests. They never expire."""

    def __init__(self) -> None:
        self._done: dict[str, CompletedRequest] = {}

    def do_once(self, request: IdempotencyKey | None, target_id: UUID, previous_until: datetime | None = None) -> None:
        """Record the request. Without an idempotency key, record nothing. Raises `AlreadyCompletedError` for a repeated
        request.
        """
        if request is not None:
            self.refuse(request)
            self._done[request.name] = CompletedRequest(request.fingerprint, target_id, previous_until)

    def refuse(self, request: IdempotencyKey) -> None:
        """Raise `AlreadyCompletedError` for a completed request."""
        if request.name in self._done:
            raise AlreadyCompletedError(self._done[request.name])

    def add(self, account_id: str, request: IdempotencyKey, done: CompletedRequest, *, now: datetime) -> None:
        self.refuse(request)
        self._done[request.name] = done
