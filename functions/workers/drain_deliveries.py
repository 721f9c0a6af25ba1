"""Worker of the drain queue: release parked deliveries and deliveries of recoveries, step by step.

Each step sends the message for the next step.
"""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap.drains import drainer
from latchhook.telemetry import logger
from latchhook.transport.drain_queue import step_from_json
from latchhook.workers.queue_batch import each_record

drains = drainer()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Run the steps of a batch. Failed messages return to the queue."""

    def take(record: Mapping[str, Any]) -> None:
        step = step_from_json(record["body"])
        if not drains.take(step):
            facts = {"account_id": step.account_id, "webhook_id": str(step.webhook_id)}
            logger.error("drain stopped at its limit", extra=facts)

    return each_record(batch, take)
