"""The deliveries table's stream: every recorded attempt, counted for its webhook by hour and day."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.edge.scheduled_job import MARGIN_MILLIS

counts = bootstrap.attempt_counts()


def handler(batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Counts a batch; from the first attempt that could not be counted on it comes again."""
    return counts.count(batch, may_go_on=lambda: context.get_remaining_time_in_millis() > MARGIN_MILLIS)
