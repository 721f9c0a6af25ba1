"""Worker of the slow queue: make retries. Their own queue keeps many failures from delaying first attempts."""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap.delivery_workers import delivery_batches

batches = delivery_batches("slow")


def handler(batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Make the attempts of a batch. Messages that a fault of Latchhook stopped return to the queue."""
    return batches.run(batch, context)
