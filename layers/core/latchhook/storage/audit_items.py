"""The items of audit entries: in the table Settings, one partition per account, ordered by time."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.audit_log import AuditEvent
from latchhook.clock import from_millis, to_millis
from latchhook.storage.attributes import Item, from_item, to_item

_OWNER = "AUDIT#"


class AuditItems:
    """Builds the write of an audit entry, alone or for the transaction of its change."""

    def __init__(self, table: str, *, retention_days: int) -> None:
        self.table = table
        self._retention = timedelta(days=retention_days)

    def item(self, entry: AuditEntry) -> Item:
        """Build the entry's item `AUDIT#<account>` / `<epoch milliseconds>#<id>`."""
        origin = entry.origin
        return to_item(
            {
                "pk": audit_pk(entry.account_id),
                "sk": f"{to_millis(origin.at):013d}#{entry.id}",
                "action": entry.action,
                "targetId": entry.target_id,
                "actorKind": origin.caller.kind,
                "actorId": origin.caller.actor_id,
                "isOperator": origin.caller.is_acting or None,
                "actingUserId": origin.caller.acting_user_id,
                "sourceIp": origin.source_ip,
                "requestId": origin.request_id,
                "details": _details(entry),
                "ttl": to_millis(origin.at + self._retention) // 1000,
            }
        )

    def put(self, entry: AuditEntry) -> dict[str, Any]:
        """Build the entry's write for a transaction."""
        return {"Put": {"TableName": self.table, "Item": self.item(entry)}}


def _details(entry: AuditEntry) -> str | None:
    portal = entry.origin.caller.portal_session_id
    details = {**entry.details, **({} if portal is None else {"portalSessionId": portal})}
    return json.dumps(details, ensure_ascii=False) if details else None


def audit_pk(account_id: str) -> str:
    """The partition key of an account's audit log."""
    return f"{_OWNER}{account_id}"


def to_audit_event(item: Mapping[str, Any]) -> AuditEvent:
    """Build the entry from its item. Raises `KeyError` or `ValueError` for any other item."""
    millis, _, entry_id = item["sk"].partition("#")
    return AuditEvent(
        id=UUID(entry_id),
        account_id=item["pk"].removeprefix(_OWNER),
        action=item["action"],
        target_id=item["targetId"],
        actor_kind=item["actorKind"],
        actor_id=item["actorId"],
        source_ip=item["sourceIp"],
        request_id=item["requestId"],
        occurred_at=from_millis(int(millis)),
        details=json.loads(item["details"]) if "details" in item else {},
        is_operator=item.get("isOperator", False),
        acting_user_id=item.get("actingUserId"),
    )


def audit_event_from_image(image: Mapping[str, Any]) -> AuditEvent:
    """Build the entry from its image in the table's stream. Raises the errors of `to_audit_event`."""
    return to_audit_event(from_item(image))
