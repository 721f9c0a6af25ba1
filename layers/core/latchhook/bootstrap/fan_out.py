"""The worker that creates the deliveries of events."""

from functools import cache

from latchhook.bootstrap import environment
from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.event_filters import event_filters
from latchhook.bootstrap.parked_deliveries import parked_deliveries_table
from latchhook.bootstrap.queues import delivery_queue
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.webhooks.fan_out import FanOut


@cache
def fan_out() -> FanOut:
    """Creates the deliveries of events."""
    return FanOut(
        deliveries_table(),
        webhooks_table(),
        event_filters(),
        delivery_queue(),
        parked_deliveries_table(),
        environment.clock,
    )
