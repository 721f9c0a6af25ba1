"""What is put on the event bus, published as `POST /events` publishes it; what that would refuse waits for a person."""

from collections.abc import Mapping
from typing import Any, Protocol

from latchhook.clock import Clock
from latchhook.edge.problems import Problem, problem_for
from latchhook.edge.published_events import EventBuilder
from latchhook.edge.request import read_json
from latchhook.edge.schemas.events import BusEvent
from latchhook.edge.schemas.validation import validate
from latchhook.telemetry import logger
from latchhook.webhooks.event import Event

_LOGGED_ERRORS = 10
_LOGGED_CHARACTERS = 200


class Events(Protocol):
    """Where accepted events go."""

    def publish(self, event: Event, *, receipt: str) -> None:
        """Accepts the event; the same id under the same receipt is accepted once."""


class DeadLetters(Protocol):
    """Where messages wait for a person."""

    def keep_message(self, body: str) -> None:
        """Keeps one as it came."""


class BusEvents:
    """Publishes the bus queue's messages."""

    def __init__(self, *, builder: EventBuilder, events: Events, dead_letters: DeadLetters, clock: Clock) -> None:
        self._builder = builder
        self._events = events
        self._dead_letters = dead_letters
        self._clock = clock

    def publish(self, record: Mapping[str, Any]) -> None:
        """Publishes one message's event, or sets the message aside; raises what an outage or a fault of ours raised.

        Whoever put it on the bus is gone and can't be told. What is wrong with it does not pass, so it goes to the
        dead letters at once, whole.
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
    """Says which fields are wrong and why; nothing of what stands in them."""
    errors = [f"{error.pointer[:_LOGGED_CHARACTERS]}: {error.detail}" for error in problem.errors[:_LOGGED_ERRORS]]
    logger.error("bus event refused", extra={"message_id": message_id, "code": problem.code, "errors": errors})
