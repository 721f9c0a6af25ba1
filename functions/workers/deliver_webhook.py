"""The delivery queue's worker: first attempts, all of a batch at once."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap

batches = bootstrap.delivery_batches("first")


def handler(batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Makes the attempts of a batch; what our own faults stopped goes back to the queue."""
    return batches.run(batch, context)
