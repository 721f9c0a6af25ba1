"""The event queue's worker: each event becomes one task for each webhook that picks it by name and wants it by body."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.edge.queue_batch import each_record
from latchhook.transport.queues import event_from_record
from latchhook.webhooks.fan_out import fan_out

events = bootstrap.deliveries()
webhooks = bootstrap.webhooks()
filters = bootstrap.event_filters()
queue = bootstrap.delivery_queue()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Fans out a batch; what fails goes back to the queue alone."""

    def fan_out_record(record: Mapping[str, Any]) -> None:
        event, receipt = event_from_record(record)
        fan_out(event, receipt=receipt, events=events, webhooks=webhooks, filters=filters, queue=queue)

    return each_record(batch, fan_out_record)
