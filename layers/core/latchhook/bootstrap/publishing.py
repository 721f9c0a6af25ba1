"""Publication of the product's events."""

from functools import cache

from latchhook import aws
from latchhook.bootstrap import environment
from latchhook.bootstrap.environment import rng, settings
from latchhook.bootstrap.event_types import event_type_cache
from latchhook.bootstrap.queues import event_queue
from latchhook.edge.published_events import EventBuilder
from latchhook.transport.queues import DeadLetters
from latchhook.workers.bus_events import BusEvents


@cache
def event_builder() -> EventBuilder:
    """Builds events from published bodies."""
    return EventBuilder(rng(), event_type_cache())


@cache
def bus_events() -> BusEvents:
    """Publishes events from the event bus."""
    return BusEvents(
        builder=event_builder(),
        events=event_queue(),
        dead_letters=DeadLetters(aws.sqs, url=settings().bus_dead_letter_queue_url),
        clock=environment.clock,
    )
