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
from latchhook.webhooks.recovery import Recovery, Status

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LOCK_POSITION = 1
_WHILE_RUNNING: Mapping[str, Any] = {
    "ExpressionAttributeNames": {"#status": "status"},
    "ExpressionAttributeValues": to_item({":running": "running"}),
}


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

    def running(self, webhook_id: UUID) -> Recovery | None:
        """Read the webhook's running recovery, or None, with at most two strongly consistent reads."""
        lock = self._database.get(self._table, _lock_key(webhook_id))
        if lock is None:
            return None
        item = self._database.get(self._table, _key(webhook_id, UUID(lock["recoveryId"])))
        return _to_recovery(item) if item is not None and item["status"] == "running" else None

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
        lock = _lock_key(recovery.webhook_id) | to_item({"recoveryId": str(recovery.id), "ttl": self._ttl(recovery)})
        absent = {"TableName": self._table, "ConditionExpression": "attribute_not_exists(sk)"}
        writes: list[Mapping[str, Any]] = [
            {"Put": {**absent, "Item": self._item(recovery)}},
            {"Put": {**absent, "Item": lock}},
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
                RecoveryRunningError if _LOCK_POSITION + len(records) in failed.positions else WebhookNotFoundError
            ) from None

    def find(self, account_id: str, webhook_id: UUID, recovery_id: UUID) -> Recovery | None:
        """Read one recovery of the webhook, strongly consistent. None if it does not exist."""
        item = self._database.get(self._table, _key(webhook_id, recovery_id))
        return _to_recovery(item) if item is not None and item["accountId"] == account_id else None

    def page_of_webhook(
        self, account_id: str, webhook_id: UUID, *, limit: int, after: Position | None
    ) -> Page[Recovery]:
        """Return at most `limit` of a webhook's recoveries, newest first, with one query."""
        items, more = newest_first(
            self._database, self._table, _pk(webhook_id), limit=limit, after=after, thing=_ID, is_consistent=True
        )
        end = (items[-1]["sk"],) if more else None
        return Page(tuple(_to_recovery(item) for item in items if item["accountId"] == account_id), end)

    def advance(self, recovery: Recovery) -> bool:
        """Store the progress of a recovery. Return False if it no longer runs."""
        try:
            self._database.put(self._table, self._item(recovery), **_WHILE_RUNNING, condition="#status = :running")
        except ConditionFailedError:
            return False
        return True

    def end(self, recovery: Recovery, status: Status, entry: AuditEntry) -> bool:
        """End a recovery, in one transaction with the audit entry. Return False if it no longer runs."""
        update = {
            "TableName": self._table,
            "Key": _key(recovery.webhook_id, recovery.id),
            "UpdateExpression": "SET #status = :status, endedAt = :now, updatedAt = :now",
            "ConditionExpression": "#status = :running",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": to_item(
                {":running": "running", ":status": status, ":now": to_millis(entry.origin.at)}
            ),
        }
        unlock = {
            "TableName": self._table,
            "Key": _lock_key(recovery.webhook_id),
            "ConditionExpression": "attribute_not_exists(sk) OR recoveryId = :id",
            "ExpressionAttributeValues": to_item({":id": str(recovery.id)}),
        }
        try:
            self._database.transact({"Update": update}, {"Delete": unlock}, self._audit.put(entry))
        except ConditionFailedError:
            return False
        return True

    def _item(self, recovery: Recovery) -> Item:
        return _key(recovery.webhook_id, recovery.id) | to_item(
            {
                "accountId": recovery.account_id,
                "only": recovery.only,
                "since": to_millis(recovery.since),
                "until": to_millis(recovery.until),
                "createdAt": to_millis(recovery.created_at),
                "status": recovery.status,
                "updatedAt": to_millis(recovery.updated_at),
                "looksFor": recovery.looks_for,
                "afterDelivery": None if recovery.after is None else str(recovery.after),
                "examined": recovery.examined,
                "sent": recovery.sent,
                "skipped": recovery.skipped,
                "ttl": self._ttl(recovery),
            }
        )

    def _ttl(self, recovery: Recovery) -> int:
        return to_millis(recovery.created_at + self._retention) // 1000


def _pk(webhook_id: UUID) -> str:
    return f"RECOVERY#{webhook_id}"


def _key(webhook_id: UUID, recovery_id: UUID) -> Item:
    return to_item({"pk": _pk(webhook_id), "sk": str(recovery_id)})


def _lock_key(webhook_id: UUID) -> Item:
    return to_item({"pk": f"RECOVERING#{webhook_id}", "sk": "RECOVERY"})


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
        looks_for=item["looksFor"],
        after=UUID(item["afterDelivery"]) if "afterDelivery" in item else None,
        examined=item["examined"],
        sent=item["sent"],
        skipped=item["skipped"],
    )
