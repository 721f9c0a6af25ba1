"""The backlogs of webhooks, and the chains of release steps that send them on, in the table Deliveries.

A parked task is the item `BACKLOG#<webhook>` / `<since>#<delivery>#<attempt, three digits>#<stored at>`. Both times
are milliseconds in hexadecimal, so that the items are in the order of the backlog. A chain is the item
`RELEASING#<webhook>` / `RELEASE`. It contains the number of the current step, negative for a finished chain, and the
time until which a run has claimed the step. All items expire by `ttl`: tasks with their events, a chain when its
message would have expired.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from latchhook.clock import from_millis, to_millis
from latchhook.storage.attributes import Item, from_item, to_item
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.storage.task_items import task_values, to_task
from latchhook.webhooks.backlog import Waiting
from latchhook.webhooks.delivery import DeliveryTask, accepted_at

_KEPT = timedelta(days=15)
"""The lifetime of a chain after its last step: one day longer than the queues keep messages."""


class BacklogsTable:
    """Reads and writes backlogs and their chains."""

    def __init__(self, database: Database, *, table: str, retention_days: int) -> None:
        self._database = database
        self._table = table
        self._retention = timedelta(days=retention_days)

    def put(self, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        """Park tasks until their events expire. One batch write stores 25 tasks."""
        waiting = [
            Waiting(task, _since(task, now), accepted_at(task.delivery_id) + self._retention, now) for task in tasks
        ]
        self._database.batch_put(self._table, [{**_key(each), **_values(each)} for each in waiting])

    def oldest(self, webhook_id: UUID, *, limit: int) -> Sequence[Waiting]:
        """Return at most `limit` parked tasks, the oldest first, with one strongly consistent query."""
        response = self._database.query(
            TableName=self._table,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues=to_item({":pk": _owner(webhook_id)}),
            ConsistentRead=True,
            Limit=limit,
        )
        return [_to_waiting(from_item(item)) for item in response["Items"]]

    def let_go(self, waiting: Sequence[Waiting]) -> None:
        """Delete parked tasks. One batch write deletes 25 tasks."""
        self._database.batch_delete(self._table, [_key(each) for each in waiting])

    def step(self, webhook_id: UUID) -> int | None:
        """Return the step number of a webhook's chain, negative for a finished chain, strongly consistent.

        Return None if the webhook has no chain.
        """
        item = self._database.get(self._table, _chain_key(webhook_id))
        return None if item is None else item.get("step")

    def claim(self, webhook_id: UUID, at: int | None, *, now: datetime, until: datetime) -> bool:
        """Claim the step `at` of a chain until `until`, or until `advance`.

        Return False if another run has claimed it, or if the chain is at another step.
        """
        free = "(attribute_not_exists(claimedUntil) OR claimedUntil <= :now)"
        values = {":now": to_millis(now), ":until": to_millis(until)}
        return self._change(webhook_id, "SET claimedUntil = :until, #ttl = :ttl", at, now, values, also=f" AND {free}")

    def advance(self, webhook_id: UUID, before: int | None, after: int, *, now: datetime) -> bool:
        """Move a chain from step `before` to step `after`. Return False if the chain is at another step."""
        change = "SET #ttl = :ttl, #step = :after REMOVE claimedUntil"
        return self._change(webhook_id, change, before, now, {":after": after})

    def _change(
        self, webhook_id: UUID, change: str, at: int | None, now: datetime, values: Mapping[str, Any], *, also: str = ""
    ) -> bool:
        try:
            self._database.update(
                self._table,
                _chain_key(webhook_id),
                UpdateExpression=change,
                ConditionExpression=("attribute_not_exists(#step)" if at is None else "#step = :at") + also,
                ExpressionAttributeNames={"#step": "step", "#ttl": "ttl"},
                ExpressionAttributeValues=to_item({**values, ":at": at, ":ttl": to_millis(now + _KEPT) // 1000}),
            )
        except ConditionFailedError:
            return False
        return True


def _since(task: DeliveryTask, now: datetime) -> datetime:
    return accepted_at(task.delivery_id) if task.trigger == "event" and task.attempt == 1 else now


def _owner(webhook_id: UUID) -> str:
    return f"BACKLOG#{webhook_id}"


def _key(waiting: Waiting) -> Item:
    task = waiting.task
    thing = f"{_hex(waiting.since)}#{task.delivery_id}#{task.attempt:03d}#{_hex(waiting.kept_at)}"
    return to_item({"pk": _owner(task.webhook_id), "sk": thing})


def _hex(moment: datetime) -> str:
    return f"{to_millis(moment):012x}"


def _chain_key(webhook_id: UUID) -> Item:
    return to_item({"pk": f"RELEASING#{webhook_id}", "sk": "RELEASE"})


def _values(waiting: Waiting) -> Item:
    return to_item({**task_values(waiting.task), "ttl": to_millis(waiting.until) // 1000})


def _to_waiting(item: Mapping[str, Any]) -> Waiting:
    since, delivery_id, attempt, kept_at = item["sk"].split("#")
    webhook_id = UUID(item["pk"].removeprefix("BACKLOG#"))
    task = to_task(item, webhook_id=webhook_id, delivery_id=UUID(delivery_id), attempt=int(attempt))
    until = from_millis(item["ttl"] * 1000)
    return Waiting(task, from_millis(int(since, 16)), until, from_millis(int(kept_at, 16)))
