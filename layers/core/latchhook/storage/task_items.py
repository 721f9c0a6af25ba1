"""Convert parked tasks to attributes of the table Deliveries and back. Each table class defines its own keys."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from latchhook.webhooks.delivery import DeliveryTask


def task_values(task: DeliveryTask) -> dict[str, Any]:
    """The attributes of a task. Webhook, delivery and attempt number are in the item's key."""
    return {
        "accountId": task.account_id,
        "eventId": task.event_id,
        "trigger": task.trigger,
        "missedReservations": task.missed_reservations or None,
        "uncounted": task.uncounted or None,
    }


def to_task(item: Mapping[str, Any], *, webhook_id: UUID, delivery_id: UUID, attempt: int) -> DeliveryTask:
    """Build the task from an item's attributes and the values of its key."""
    return DeliveryTask(
        account_id=item["accountId"],
        webhook_id=webhook_id,
        event_id=item["eventId"],
        delivery_id=delivery_id,
        attempt=attempt,
        trigger=item["trigger"],
        missed_reservations=item.get("missedReservations", 0),
        uncounted=item.get("uncounted", 0),
    )
