"""Worker of the use queue: add up the uses of hot keys and count them in one write per key and day."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from latchhook.bootstrap.key_uses import key_uses_table
from latchhook.transport.queues import uses_from_json
from latchhook.workers.queue_batch import each_group

uses = key_uses_table()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Count the uses of a batch. Failed messages return to the queue."""

    def count(use: tuple[UUID, str, int], messages: int) -> None:
        key_id, day, each = use
        uses.add_uses(key_id, day=day, uses=each * messages)

    return each_group(batch, uses_from_json, count)
