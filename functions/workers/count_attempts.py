"""Stream of the deliveries table: count each recorded attempt by webhook, hour and day."""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap.attempt_counts import attempt_counts
from latchhook.workers.scheduled_job import MARGIN_MILLIS

counts = attempt_counts()


def handler(batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Count the attempts of a batch. Lambda repeats the batch from the first attempt that was not counted."""
    return counts.count(batch, may_go_on=lambda: context.get_remaining_time_in_millis() > MARGIN_MILLIS)
