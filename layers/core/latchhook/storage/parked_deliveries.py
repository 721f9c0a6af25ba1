"""Parked deliveries and the state of the drains that release them, in the table Deliveries.

A parked delivery is an item in the partition `PARKED#<webhook>`:

- `DISABLED#<delivery>#<parked at>` waits for a recovery. Only first attempts are parked for this reason.
- `DRAIN#<since>#<delivery>#<attempt>#<parked at>` waits for the drain.

The times are milliseconds in hexadecimal, so that the items are in the order of their release. A delivery that is
parked again is another item, so that the deletion of one item keeps the other.

A drain is the item `DRAIN#<webhook>` / `DRAIN`: the number of its step, whether it runs, and the time until which a run
has claimed the step. All items expire by `ttl`: deliveries with their events, a drain when its message would have
expired.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from latchhook.clock import from_millis, to_millis
from latchhook.storage.attributes import Item, from_item, to_item
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.storage.task_items import task_values, to_task
from latchhook.webhooks.delivery import DeliveryTask, accepted_at
from latchhook.webhooks.draining import DrainState, Parked
from latchhook.webhooks.parking import Reason

DISABLED = "DISABLED#"
"""The first part of the keys of deliveries that a disabled webhook missed."""
_DRAIN = "DRAIN#"

_KEPT = timedelta(days=15)
"""The lifetime of a drain after its last step: one day longer than the queues keep messages."""


class ParkedDeliveriesTable:
    """Reads and writes parked deliveries and drains."""

    def __init__(self, database: Database, *, table: str, retention_days: int) -> None:
        self._database = database
        self._table = table
        self._retention = timedelta(days=retention_days)

    def put(self, tasks: Sequence[DeliveryTask], *, reason: Reason, now: datetime) -> None:
        """Park tasks until their events expire. One batch write stores 25 tasks."""
        self._database.batch_put(self._table, [self._item(task, reason, now) for task in tasks])

    def oldest(self, webhook_id: UUID, *, limit: int) -> Sequence[Parked]:
        """Return at most `limit` deliveries that wait for the drain, oldest first, with one query."""
        response = self._database.query(
            TableName=self._table,
            KeyConditionExpression="#pk = :pk AND begins_with(sk, :drain)",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues=to_item({":pk": parked_pk(webhook_id), ":drain": _DRAIN}),
            ConsistentRead=True,
            Limit=limit,
        )
        return [_to_parked(from_item(item)) for item in response["Items"]]

    def delete(self, webhook_id: UUID, keys: Sequence[str]) -> None:
        """Delete parked deliveries by their keys. One batch write deletes 25 deliveries."""
        self._database.batch_delete(
            self._table, [to_item({"pk": parked_pk(webhook_id), "sk": key}) for key in dict.fromkeys(keys)]
        )

    def state(self, webhook_id: UUID) -> DrainState | None:
        """Return the state of a webhook's drain, strongly consistent, or None if it never ran."""
        item = self._database.get(self._table, _drain_key(webhook_id))
        return None if item is None or "step" not in item else DrainState(item["step"], is_running=item["isRunning"])

    def claim(self, webhook_id: UUID, at: DrainState | None, *, now: datetime, until: datetime) -> bool:
        """Claim the current step until `until` or `move`. Return False if it is claimed, or no longer current."""
        values = {":now": to_millis(now), ":until": to_millis(until)}
        free = " AND (attribute_not_exists(claimedUntil) OR claimedUntil <= :now)"
        return self._change(webhook_id, "SET claimedUntil = :until, #ttl = :ttl", at, now, values, also=free)

    def move(self, webhook_id: UUID, before: DrainState | None, after: DrainState, *, now: datetime) -> bool:
        """Record the state `after` and end the claim. Return False if the state is no longer `before`."""
        change = "SET #ttl = :ttl, #step = :step, isRunning = :isRunning REMOVE claimedUntil"
        return self._change(webhook_id, change, before, now, {":step": after.step, ":isRunning": after.is_running})

    def _change(
        self,
        webhook_id: UUID,
        change: str,
        at: DrainState | None,
        now: datetime,
        values: Mapping[str, Any],
        *,
        also: str = "",
    ) -> bool:
        condition, state = "attribute_not_exists(#step)", {}
        if at is not None:
            condition, state = "#step = :at AND isRunning = :was", {":at": at.step, ":was": at.is_running}
        try:
            self._database.update(
                self._table,
                _drain_key(webhook_id),
                UpdateExpression=change,
                ConditionExpression=condition + also,
                ExpressionAttributeNames={"#step": "step", "#ttl": "ttl"},
                ExpressionAttributeValues=to_item({**values, **state, ":ttl": to_millis(now + _KEPT) // 1000}),
            )
        except ConditionFailedError:
            return False
        return True

    def _item(self, task: DeliveryTask, reason: Reason, now: datetime) -> Item:
        since = accepted_at(task.delivery_id) if task.trigger == "event" and task.attempt == 1 else now
        key = f"{_DRAIN}{_hex(since)}#{task.delivery_id}#{task.attempt:03d}#{_hex(now)}"
        if reason == "disabled":
            key = f"{DISABLED}{task.delivery_id}#{_hex(now)}"
        until = accepted_at(task.delivery_id) + self._retention
        values = {**task_values(task), "reason": reason, "ttl": to_millis(until) // 1000}
        return to_item({"pk": parked_pk(task.webhook_id), "sk": key, **values})


def parked_pk(webhook_id: UUID) -> str:
    """The partition of a webhook's parked deliveries."""
    return f"PARKED#{webhook_id}"


def _drain_key(webhook_id: UUID) -> Item:
    return to_item({"pk": f"DRAIN#{webhook_id}", "sk": "DRAIN"})


def _hex(moment: datetime) -> str:
    return f"{to_millis(moment):012x}"


def _to_parked(item: Mapping[str, Any]) -> Parked:
    _, _, delivery_id, attempt, _ = item["sk"].split("#")
    webhook_id = UUID(item["pk"].removeprefix("PARKED#"))
    task = to_task(item, webhook_id=webhook_id, delivery_id=UUID(delivery_id), attempt=int(attempt))
    return Parked(item["sk"], task, from_millis(item["ttl"] * 1000))
