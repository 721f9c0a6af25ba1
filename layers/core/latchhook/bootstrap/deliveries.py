"""Events and attempts."""

from functools import cache

from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import settings
from latchhook.storage.deliveries_table import DeliveriesTable


@cache
def deliveries_table() -> DeliveriesTable:
    """The table of events and attempts."""
    return DeliveriesTable(
        database(),
        table=settings().deliveries_table,
        settings_table=settings().settings_table,
        retention_days=settings().retention_days,
    )
