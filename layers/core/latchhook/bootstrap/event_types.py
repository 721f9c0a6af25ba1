"""Event types."""

from functools import cache

from latchhook.bootstrap import environment
from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.storage.event_types_table import EventTypesTable
from latchhook.webhooks.event_types import EventTypeCache


@cache
def event_types_table() -> EventTypesTable:
    """The table of event types."""
    return EventTypesTable(database(), audit=audit_items())


@cache
def event_type_cache() -> EventTypeCache:
    """Caches event types for at most a minute."""
    return EventTypeCache(event_types_table(), clock=environment.clock)
