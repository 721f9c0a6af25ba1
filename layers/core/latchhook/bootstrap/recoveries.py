"""Recoveries."""

from functools import cache

from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng, settings
from latchhook.storage.recoveries_table import RecoveriesTable
from latchhook.webhooks.recovery import Recoverer


@cache
def recoveries_table() -> RecoveriesTable:
    """The table of recoveries."""
    return RecoveriesTable(
        database(),
        table=settings().deliveries_table,
        audit=audit_items(),
        retention_days=settings().retention_days,
    )


@cache
def recoverer() -> Recoverer:
    """Starts and cancels recoveries."""
    return Recoverer(recoveries_table(), rng())
