"""Worker of the bus queue: publish the events of the event bus, like `POST /events`."""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap.publishing import bus_events
from latchhook.workers.queue_batch import each_record

publisher = bus_events()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Publish the events of a batch. Messages that an outage stopped return to the queue."""
    return each_record(batch, publisher.publish)
