"""Tests of filters."""

from functools import cache

from latchhook.bootstrap.event_types import event_types_table
from latchhook.edge.filter_trials import FilterTrials


@cache
def filter_trials() -> FilterTrials:
    """Tests filters against example events."""
    return FilterTrials(event_types_table())
