"""Worker of the recovery queue: run the steps of recoveries. Each step sends the message for the next step."""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap.recovery_steps import recovery_steps
from latchhook.edge.queue_batch import each_step
from latchhook.transport.step_queues import recovery_step_from_json

steps = recovery_steps()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Run the steps of a batch. Failed messages return to the queue."""
    return each_step(batch, recovery_step_from_json, steps.take)
