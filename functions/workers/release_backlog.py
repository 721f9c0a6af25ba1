"""Worker of the backlog queue: send parked deliveries on, as fast as the webhook's rate limiter grants reservations.

Each step sends the message for the next step.
"""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap.backlogs import backlog_releaser
from latchhook.edge.queue_batch import each_step
from latchhook.transport.step_queues import release_step_from_json

backlogs = backlog_releaser()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Run the steps of a batch. Failed messages return to the queue."""
    return each_step(batch, release_step_from_json, backlogs.take)
