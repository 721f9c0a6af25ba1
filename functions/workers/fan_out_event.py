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


NEEDED_MILLIS = 10_000
"""An event whose filters are all as expensive as allowed takes less."""
MARGIN_MILLIS = 5_000
"""Time to send an event's tasks after its filters."""


def handler(batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Fans out a batch; a message that fails, or for which no time is left, goes back to the queue alone."""

    def has_time(millis: int) -> bool:
        return bool(context.get_remaining_time_in_millis() > millis)

    def fan_out_record(record: Mapping[str, Any]) -> None:
        event, receipt = event_from_record(record)
        fan_out(
            event,
            receipt=receipt,
            events=events,
            webhooks=webhooks,
            filters=filters,
            queue=queue,
            clock=bootstrap.clock,
            may_go_on=lambda: has_time(MARGIN_MILLIS),
        )

    return each_record(batch, fan_out_record, may_go_on=lambda: has_time(NEEDED_MILLIS))
