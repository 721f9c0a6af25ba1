"""The recovery queue's worker: each message is a step of a recovery, which sends the one after it."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.edge.queue_batch import each_step
from latchhook.transport.step_queues import recovery_step_from_json

steps = bootstrap.recovery_steps()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Takes steps; what fails goes back to the queue alone."""
    return each_step(batch, recovery_step_from_json, steps.take)
