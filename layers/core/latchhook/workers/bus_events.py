"""Events from the event bus, published by the rules of `POST /events`. Refused events go to the dead-letter queue."""

from collections.abc import Mapping
from typing import Any, Protocol

from latchhook.clock import Clock
from latchhook.edge.problems import Problem, problem_for
from latchhook.edge.published_events import EventBuilder
from latchhook.edge.request import read_json
from latchhook.edge.schemas.events import BusEvent
from latchhook.edge.schemas.validation import validate
from latchhook.telemetry import logger
from latchhook.workers.ports import Events

_LOGGED_ERRORS = 10
_LOGGED_CHARACTERS = 200


class DeadLetters(Protocol):
    """The dead-letter queue for messages."""

    def keep_message(self, body: str) -> None:
        """Store an unchanged message."""


class BusEvents:
    """Publishes messages of the bus queue."""

    def __init__(self, *, builder: EventBuilder, events: Events, dead_letters: DeadLetters, clock: Clock) -> None:
        self._builder = builder
        self._events = events
        self._dead_letters = dead_letters
        self._clock = clock

    def publish(self, record: Mapping[str, Any]) -> None:
        """Publish a message's event. Raises dependency errors and internal errors.

        An invalid message goes to the dead-letter queue at once. Its publisher no longer waits for a response, and a
        retry would not help.
        """
        message: str = record["body"]
        try:
            put = validate(BusEvent, read_json(message.encode("utf-8", "surrogatepass")))
            event = self._builder.from_bus(put, self._clock())
        except Exception as error:
            problem = problem_for(error)
            if problem.status >= 500:
                raise
            self._dead_letters.keep_message(message)
            _log_refusal(problem, record["messageId"])
        else:
            self._events.publish(event, receipt=put.id)


def _log_refusal(problem: Problem, message_id: str) -> None:
    """Log the invalid fields and the reasons, without the fields' values."""
    errors = [f"{error.pointer[:_LOGGED_CHARACTERS]}: {error.detail}" for error in problem.errors[:_LOGGED_ERRORS]]
    logger.error("bus event refused", extra={"message_id": message_id, "code": problem.code, "errors": errors})
