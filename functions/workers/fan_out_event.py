"""Worker of the event queue: create one delivery for each webhook that is subscribed and matches."""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap import environment
from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.event_filters import event_filters
from latchhook.bootstrap.queues import delivery_queue
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.queue_batch import each_record
from latchhook.transport.queues import event_from_record
from latchhook.webhooks.fan_out import fan_out

events = deliveries_table()
webhooks = webhooks_table()
filters = event_filters()
queue = delivery_queue()


NEEDED_MILLIS = 10_000
"""The time that must be left to start an event. Even the most expensive filters need less."""
MARGIN_MILLIS = 5_000
"""The time that must be left after the filters to send the event's tasks."""


def handler(batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Fan out a batch. Each message that fails or has no time left returns to the queue."""

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
            clock=environment.clock,
            may_go_on=lambda: has_time(MARGIN_MILLIS),
        )

    return each_record(batch, fan_out_record, may_go_on=lambda: has_time(NEEDED_MILLIS))
