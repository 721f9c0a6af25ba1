"""Requests with an `Idempotency-Key` in memory, for tests of what is done once."""

from datetime import datetime
from uuid import UUID

from latchhook.repeats import AlreadyDoneError, Done, Repeatable


class RememberedRequests:
    """What was done, for good."""

    def __init__(self) -> None:
        self._done: dict[str, Done] = {}

    def do_once(self, request: Repeatable | None, target_id: UUID, previous_until: datetime | None = None) -> None:
        """Remembers what is done; raises `AlreadyDoneError`. Without a request it is done as often as it is asked."""
        if request is not None:
            self.refuse(request)
            self._done[request.name] = Done(request.fingerprint, target_id, previous_until)

    def refuse(self, request: Repeatable) -> None:
        """Raises `AlreadyDoneError` for what was done."""
        if request.name in self._done:
            raise AlreadyDoneError(self._done[request.name])
