"""Worker of the fast queue: make the first attempts of deliveries, all attempts of a batch in parallel."""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap.delivery_workers import delivery_batches

batches = delivery_batches("fast")


def handler(batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Make the attempts of a batch. Messages that a fault of Latchhook stopped return to the queue."""
    return batches.run(batch, context)
