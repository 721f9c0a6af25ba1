"""Management of event types."""

from functools import cache

from latchhook.bootstrap.environment import rng, settings
from latchhook.bootstrap.event_types import event_types_table
from latchhook.webhooks.event_type_editing import EventTypeEditor


@cache
def event_type_editor() -> EventTypeEditor:
    """Registers, changes and deletes event types."""
    return EventTypeEditor(event_types_table(), settings().operator_account_id, rng())
