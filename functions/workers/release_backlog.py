"""The backlog queue's worker: each message sends on what a webhook's pace has slots for, and sends the one after it."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.edge.queue_batch import each_step
from latchhook.transport.step_queues import release_step_from_json

backlogs = bootstrap.backlog_releaser()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Takes steps; what fails goes back to the queue alone."""
    return each_step(batch, release_step_from_json, backlogs.take)
