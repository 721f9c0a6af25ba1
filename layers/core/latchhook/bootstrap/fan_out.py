"""The worker that creates the deliveries of events."""

from functools import cache

from latchhook.bootstrap import environment
from latchhook.bootstrap.database import database
from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.event_filters import event_filters
from latchhook.bootstrap.queues import delivery_queue
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.storage.parked_deliveries import ParkedDeliveriesTable
from latchhook.webhooks.fan_out import FanOut


@cache
def fan_out() -> FanOut:
    """Creates the deliveries of events."""
    chosen = settings()
    parked = ParkedDeliveriesTable(database(), table=chosen.deliveries_table, retention_days=chosen.retention_days)
    return FanOut(deliveries_table(), webhooks_table(), event_filters(), delivery_queue(), parked, environment.clock)
