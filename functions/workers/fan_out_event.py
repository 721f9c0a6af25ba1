"""Worker of the event queue: create one delivery for each webhook that is subscribed and matches."""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap.fan_out import fan_out
from latchhook.transport.queues import event_from_record
from latchhook.workers.queue_batch import each_record

deliveries = fan_out()

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
        deliveries.run(event, receipt=receipt, may_go_on=lambda: has_time(MARGIN_MILLIS))

    return each_record(batch, fan_out_record, may_go_on=lambda: has_time(NEEDED_MILLIS))
