"""A task that waits in the table Deliveries, as attributes and back; where it stands is its keeper's."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from latchhook.webhooks.delivery import DeliveryTask


def task_values(task: DeliveryTask) -> dict[str, Any]:
    """What an item keeps of a task beside what its key says: webhook, delivery and attempt."""
    return {
        "accountId": task.account_id,
        "eventId": task.event_id,
        "trigger": task.trigger,
        "missedSlots": task.missed_slots or None,
        "uncounted": task.uncounted or None,
    }


def to_task(item: Mapping[str, Any], *, webhook_id: UUID, delivery_id: UUID, attempt: int) -> DeliveryTask:
    """The task of an item whose key says the rest."""
    return DeliveryTask(
        account_id=item["accountId"],
        webhook_id=webhook_id,
        event_id=item["eventId"],
        delivery_id=delivery_id,
        attempt=attempt,
        trigger=item["trigger"],
        missed_slots=item.get("missedSlots", 0),
        uncounted=item.get("uncounted", 0),
    )
