"""Events, attempts and retries on request."""

from functools import cache

from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.queues import retry_queue
from latchhook.storage.deliveries_table import DeliveriesTable
from latchhook.webhooks.redelivery import Redeliverer


@cache
def deliveries_table() -> DeliveriesTable:
    """The table of events and attempts."""
    return DeliveriesTable(
        database(),
        table=settings().deliveries_table,
        settings_table=settings().settings_table,
        retention_days=settings().retention_days,
    )


@cache
def redeliverer() -> Redeliverer:
    """Retries deliveries on request."""
    return Redeliverer(deliveries_table(), retry_queue())
