"""Reservations of webhooks' attempts."""

from functools import cache

from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import settings
from latchhook.storage.reservations import ReservationsTable


@cache
def reservations_table() -> ReservationsTable:
    """The table of reservations."""
    return ReservationsTable(database(), table=settings().deliveries_table)
