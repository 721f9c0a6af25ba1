"""Stream of the settings table: start the drain of a webhook after a change that lets it release deliveries."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from latchhook.bootstrap import environment
from latchhook.bootstrap.drain_starts import audit_entry_reader, drain_start_dead_letters
from latchhook.bootstrap.parked_deliveries import drain_starter
from latchhook.workers.stream_batch import each_change

drains = drain_starter()
dead_letters = drain_start_dead_letters()
read_entry = audit_entry_reader()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Start the drains of a batch. After an outage, Lambda repeats the batch from the change that failed."""

    def start(image: Mapping[str, Any]) -> bool:
        entry = read_entry(image)
        drains.start(entry.account_id, UUID(entry.target_id), now=environment.clock())
        return True

    return each_change(batch, start, dead_letters)
