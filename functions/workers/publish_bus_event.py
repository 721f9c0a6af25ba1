"""The bus queue's worker: what is put on the event bus becomes events, as if it had come by `POST /events`."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.edge.queue_batch import each_record

bus_events = bootstrap.bus_events()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Publishes a batch; what an outage stopped goes back to the queue alone."""
    return each_record(batch, bus_events.publish)
