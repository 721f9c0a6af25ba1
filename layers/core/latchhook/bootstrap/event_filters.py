"""Matching of events with webhooks' filters."""

from functools import cache

from latchhook.bootstrap.event_types import event_type_cache
from latchhook.webhooks.event_filters import EventFilters


@cache
def event_filters() -> EventFilters:
    """Matches events with webhooks' filters."""
    return EventFilters(event_type_cache())
