"""The uses of API keys."""

from functools import cache

from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng, settings
from latchhook.storage.key_uses_table import KeyUsesTable


@cache
def key_uses_table() -> KeyUsesTable:
    """The uses of API keys in their table."""
    return KeyUsesTable(database(), table=settings().api_keys_table, audit=audit_items(), rng=rng())
