"""The use queue's worker: uses of hot keys, added up by key and day, then counted in one write each."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from latchhook import bootstrap
from latchhook.edge.queue_batch import each_group
from latchhook.transport.queues import use_from_json

keys = bootstrap.api_keys()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Counts a batch's uses; what fails goes back to the queue."""

    def count(use: tuple[UUID, str], uses: int) -> None:
        key_id, day = use
        keys.add_uses(key_id, day=day, uses=uses)

    return each_group(batch, use_from_json, count)
