"""The counts of attempts."""

from functools import cache

from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import settings
from latchhook.storage.stats_table import StatsTable


@cache
def stats_table() -> StatsTable:
    """The counts of attempts."""
    return StatsTable(database(), table=settings().deliveries_table)
