"""The retry queue's worker: later attempts, apart from the first ones so that no backlog of failures delays these."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap

batches = bootstrap.delivery_batches("second")


def handler(batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Makes the attempts of a batch; what our own faults stopped goes back to the queue."""
    return batches.run(batch, context)
