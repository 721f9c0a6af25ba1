"""Recoveries, in the table Deliveries.

A recovery is the item `RECOVERY#<webhook>` / `<id>`, in the order of their start. The item `RECOVERING#<webhook>` /
`RECOVERY` names the running recovery and ensures that only one runs. Both expire by `ttl`.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.clock import from_millis, to_millis
from latchhook.idempotency_records import IdempotencyKey
from latchhook.pages import Page, Position
from latchhook.storage.attributes import Item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.storage.idempotency_items import idempotency_puts, raise_if_done
from latchhook.storage.newest_first import newest_first
from latchhook.storage.webhook_items import webhook_key
from latchhook.webhooks.errors import RecoveryRunningError, WebhookNotFoundError
from latchhook.webhooks.recovery import Recovery

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OF_LOCK = 1
_STILL = "#status = :running"


class RecoveriesTable:
    """Reads and writes recoveries."""

    def __init__(self, database: Database, *, table: str, audit: AuditItems, retention_days: int) -> None:
        self._database = database
        self._table = table
        self._audit = audit
        self._retention = timedelta(days=retention_days)

    def is_running(self, webhook_id: UUID) -> bool:
        """Return whether the webhook has a running recovery, strongly consistent."""
        return self._database.get(self._table, _lock_key(webhook_id)) is not None

    def start(
        self,
        recovery: Recovery,
        entry: AuditEntry,
        *,
        takes_offer: bool,
        idempotency_key: IdempotencyKey | None = None,
    ) -> None:
        """Store a new recovery, in one transaction with its audit entry.

        With `takes_offer`, the transaction also ends the webhook's offer of a recovery. Raises `RecoveryRunningError`
        if the webhook has a running recovery, `WebhookNotFoundError` and `AlreadyCompletedError`.
        """
        ttl = {"ttl": to_millis(recovery.created_at + self._retention) // 1000}
        lock = {"recoveryId": str(recovery.id), **ttl}
        absent = {"TableName": self._table, "ConditionExpression": "attribute_not_exists(sk)"}
        item = {**_key(recovery), **to_item({**_fixed(recovery), **_moving(recovery), **ttl})}
        writes: list[Mapping[str, Any]] = [
            {"Put": {**absent, "Item": item}},
            {"Put": {**absent, "Item": {**_lock_key(recovery.webhook_id), **to_item(lock)}}},
            self._audit.put(entry),
        ]
        if takes_offer:
            update = {
                "TableName": self._audit.table,
                "Key": webhook_key(recovery.account_id, recovery.webhook_id),
                "UpdateExpression": "REMOVE recoverSince",
                "ConditionExpression": "attribute_exists(sk)",
            }
            writes.append({"Update": update})
        # First, so that a repeat is recognised while the recovery runs.
        records = idempotency_puts(self._audit.table, idempotency_key, entry, target_id=recovery.id)
        try:
            self._database.transact(*records, *writes)
        except ConditionFailedError as failed:
            raise_if_done(failed)
            raise (
                RecoveryRunningError if _OF_LOCK + len(records) in failed.positions else WebhookNotFoundError
            ) from None

    def find(self, account_id: str, webhook_id: UUID, recovery_id: UUID) -> Recovery | None:
        """Read one recovery of the webhook, strongly consistent. None if it does not exist."""
        item = self._database.get(self._table, to_item({"pk": _owner(webhook_id), "sk": str(recovery_id)}))
        return _to_recovery(item) if item is not None and item["accountId"] == account_id else None

    def page_of_webhook(
        self, account_id: str, webhook_id: UUID, *, limit: int, after: Position | None
    ) -> Page[Recovery]:
        """Return at most `limit` of a webhook's recoveries, newest first, with one query."""
        items, more = newest_first(
            self._database, self._table, _owner(webhook_id), limit=limit, after=after, thing=_ID, is_consistent=True
        )
        end = (items[-1]["sk"],) if more else None
        return Page(tuple(_to_recovery(item) for item in items if item["accountId"] == account_id), end)

    def advance(self, before: Recovery, after: Recovery) -> bool:
        """Store the progress of a recovery. Return False if it is not at the step of `before`, or has ended."""
        try:
            self._database.update(self._table, _key(before), **_change(before, after))
        except ConditionFailedError:
            return False
        return True

    def finish(self, before: Recovery, after: Recovery, entry: AuditEntry) -> bool:
        """Store the end of a recovery like `advance`, in one transaction with the audit entry."""
        return self._end(before, _change(before, after), entry)

    def cancel(self, recovery: Recovery, entry: AuditEntry) -> bool:
        """Cancel a running recovery, in one transaction with the audit entry. Return False if it has ended."""
        change = {
            "UpdateExpression": "SET #status = :cancelled, endedAt = :now, updatedAt = :now",
            "ConditionExpression": _STILL,
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": to_item(
                {":running": "running", ":cancelled": "cancelled", ":now": to_millis(entry.origin.at)}
            ),
        }
        return self._end(recovery, change, entry)

    def _end(self, recovery: Recovery, change: Mapping[str, Any], entry: AuditEntry) -> bool:
        unlock = {
            "TableName": self._table,
            "Key": _lock_key(recovery.webhook_id),
            "ConditionExpression": "attribute_not_exists(sk) OR recoveryId = :id",
            "ExpressionAttributeValues": to_item({":id": str(recovery.id)}),
        }
        update = {"TableName": self._table, "Key": _key(recovery), **change}
        try:
            self._database.transact({"Update": update}, {"Delete": unlock}, self._audit.put(entry))
        except ConditionFailedError:
            return False
        return True


def _change(before: Recovery, after: Recovery) -> dict[str, Any]:
    """Build the update from `before` to `after`. Its condition fails if another writer was faster."""
    moving = {name: value for name, value in _moving(after).items() if value is not None}
    gone = "" if after.after is not None else " REMOVE afterDelivery"
    return {
        "UpdateExpression": f"SET {', '.join(f'#{name} = :{name}' for name in moving)}{gone}",
        "ConditionExpression": f"{_STILL} AND #step = :before",
        "ExpressionAttributeNames": {f"#{name}": name for name in moving},
        "ExpressionAttributeValues": to_item(
            {**{f":{name}": value for name, value in moving.items()}, ":running": "running", ":before": before.step}
        ),
    }


def _owner(webhook_id: UUID) -> str:
    return f"RECOVERY#{webhook_id}"


def _key(recovery: Recovery) -> Item:
    return to_item({"pk": _owner(recovery.webhook_id), "sk": str(recovery.id)})


def _lock_key(webhook_id: UUID) -> Item:
    return to_item({"pk": f"RECOVERING#{webhook_id}", "sk": "RECOVERY"})


def _fixed(recovery: Recovery) -> dict[str, Any]:
    return {
        "accountId": recovery.account_id,
        "only": recovery.only,
        "since": to_millis(recovery.since),
        "until": to_millis(recovery.until),
        "createdAt": to_millis(recovery.created_at),
    }


def _moving(recovery: Recovery) -> dict[str, Any]:
    return {
        "status": recovery.status,
        "updatedAt": to_millis(recovery.updated_at),
        "endedAt": None if recovery.ended_at is None else to_millis(recovery.ended_at),
        "step": recovery.step,
        "looksFor": recovery.looks_for,
        "afterDelivery": None if recovery.after is None else str(recovery.after),
        "examined": recovery.examined,
        "sent": recovery.sent,
        "skipped": recovery.skipped,
    }


def _to_recovery(item: Mapping[str, Any]) -> Recovery:
    return Recovery(
        id=UUID(item["sk"]),
        account_id=item["accountId"],
        webhook_id=UUID(item["pk"].removeprefix("RECOVERY#")),
        only=item.get("only"),
        since=from_millis(item["since"]),
        until=from_millis(item["until"]),
        status=item["status"],
        created_at=from_millis(item["createdAt"]),
        updated_at=from_millis(item["updatedAt"]),
        ended_at=from_millis(item["endedAt"]) if "endedAt" in item else None,
        step=item["step"],
        looks_for=item["looksFor"],
        after=UUID(item["afterDelivery"]) if "afterDelivery" in item else None,
        examined=item["examined"],
        sent=item["sent"],
        skipped=item["skipped"],
    )
