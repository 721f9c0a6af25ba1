"""Expiry of API keys."""

from functools import cache

from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng, settings
from latchhook.storage.due_keys_table import DueKeysTable


@cache
def due_keys_table() -> DueKeysTable:
    """The index of API keys that expire."""
    return DueKeysTable(database(), table=settings().api_keys_table, audit=audit_items(), rng=rng())
