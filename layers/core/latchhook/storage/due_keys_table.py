"""The index `byDue` of the table ApiKeys, for the scheduled job that expires keys.

It contains active keys with an expiry, by `shard` and `dueAt`. `dueAt` is first seven days before the expiry, then the
expiry.
"""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from latchhook.api_keys.due_keys import DueKey
from latchhook.audit import Origin, new_entry
from latchhook.clock import from_millis, to_millis
from latchhook.identity.caller import system
from latchhook.storage.api_key_items import SHARDS, primary_key
from latchhook.storage.attributes import from_item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database


class DueKeysTable:
    """Reads and processes keys that expire."""

    shards = SHARDS

    def __init__(self, database: Database, *, table: str, audit: AuditItems, rng: Random) -> None:
        self._database = database
        self._table = table
        self._audit = audit
        self._rng = rng

    def due(self, shard: str, *, now: datetime, limit: int, after: DueKey | None) -> Sequence[DueKey]:
        """Return at most `limit` due keys of a shard, the oldest first, starting after the key `after`."""
        arguments: dict[str, Any] = {}
        if after is not None:
            arguments["ExclusiveStartKey"] = {
                **primary_key(after.id),
                **to_item({"shard": shard, "dueAt": to_millis(after.due_at)}),
            }
        response = self._database.query(
            TableName=self._table,
            IndexName="byDue",
            KeyConditionExpression="#shard = :shard AND dueAt <= :now",
            ExpressionAttributeNames={"#shard": "shard"},
            ExpressionAttributeValues=to_item({":shard": shard, ":now": to_millis(now)}),
            Limit=limit,
            **arguments,
        )
        return [_due_key(from_item(item)) for item in response["Items"]]

    def settle(self, keys: Sequence[DueKey], *, now: datetime) -> int:
        """Write the new states of these keys and the audit entries of their events. Return the number of written keys.

        All writes are one transaction. A key that was changed since the read is skipped. The next run finds it if it is
        still due.
        """
        try:
            self._database.transact(*(write for key in keys for write in self._writes(key, now)))
        except ConditionFailedError:
            if len(keys) == 1:
                return 0
            return sum(self.settle([key], now=now) for key in keys)
        return len(keys)

    def _writes(self, key: DueKey, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
        expired = key.expires_at <= now
        values = {":seen": to_millis(key.due_at), ":expires": to_millis(key.expires_at), ":active": "active"}
        names = {"#status": "status"}
        if expired:
            change = "SET #status = :expired, updatedAt = :now, version = version + :one REMOVE dueAt"
            values |= {":expired": "expired", ":now": to_millis(now), ":one": 1}
        else:
            change = "SET dueAt = :expires"
        update = {
            "TableName": self._table,
            "Key": primary_key(key.id),
            "UpdateExpression": change,
            "ConditionExpression": "#status = :active AND dueAt = :seen AND expiresAt = :expires",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": to_item(values),
        }
        origin = Origin(system(key.account_id, "expiry"), "", "", now)
        action = "api_key.expired" if expired else "api_key.expiring"
        return {"Update": update}, self._audit.put(new_entry(origin, action, key.id, rng=self._rng))


def _due_key(item: dict[str, Any]) -> DueKey:
    return DueKey(UUID(item["id"]), item["accountId"], from_millis(item["dueAt"]), from_millis(item["expiresAt"]))
