"""The use queue's worker: uses of hot keys, added up by key and day, then counted in one write each."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from latchhook import bootstrap
from latchhook.edge.queue_batch import each_group
from latchhook.transport.queues import uses_from_json

uses = bootstrap.key_uses()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Counts a batch's uses; what fails goes back to the queue."""

    def count(use: tuple[UUID, str, int], messages: int) -> None:
        key_id, day, each = use
        uses.add_uses(key_id, day=day, uses=each * messages)

    return each_group(batch, uses_from_json, count)
