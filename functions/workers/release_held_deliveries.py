"""Stream of the settings table: release the deliveries that a webhook parked while it was paused."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from latchhook.bootstrap.held_deliveries import audit_entry_reader, held_delivery_dead_letters, held_delivery_releaser
from latchhook.edge.scheduled_job import MARGIN_MILLIS
from latchhook.edge.stream_batch import each_change

releaser = held_delivery_releaser()
dead_letters = held_delivery_dead_letters()
read_entry = audit_entry_reader()


def handler(batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Release parked deliveries. If the time runs out, Lambda repeats the record and the release continues."""

    def release_record(image: Mapping[str, Any]) -> bool:
        entry = read_entry(image)
        return releaser.release(
            entry.account_id,
            UUID(entry.target_id),
            may_go_on=lambda: context.get_remaining_time_in_millis() > MARGIN_MILLIS,
        )

    return each_change(batch, release_record, dead_letters)
