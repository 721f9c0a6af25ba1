"""How an audit entry is kept: in the settings table, one partition an account, ordered by time."""

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
    """Makes the write that records an entry, alone or beside the change in its transaction."""

    def __init__(self, table: str, *, retention_days: int) -> None:
        self.table = table
        self._retention = timedelta(days=retention_days)

    def item(self, entry: AuditEntry) -> Item:
        """The entry's item; `AUDIT#<account>` / `<epoch milliseconds>#<id>`."""
        origin = entry.origin
        return to_item(
            {
                "pk": audit_pk(entry.account_id),
                "sk": f"{to_millis(origin.at):013d}#{entry.id}",
                "action": entry.action,
                "targetId": entry.target_id,
                "actorKind": origin.caller.kind,
                "actorId": origin.caller.actor_id,
                "sourceIp": origin.source_ip,
                "requestId": origin.request_id,
                "details": json.dumps(dict(entry.details), ensure_ascii=False) if entry.details else None,
                "ttl": to_millis(origin.at + self._retention) // 1000,
            }
        )

    def put(self, entry: AuditEntry) -> dict[str, Any]:
        """The entry as one write of a transaction."""
        return {"Put": {"TableName": self.table, "Item": self.item(entry)}}


def audit_pk(account_id: str) -> str:
    """The partition of an account's log."""
    return f"{_OWNER}{account_id}"


def to_audit_event(item: Mapping[str, Any]) -> AuditEvent:
    """An entry from its item; raises `KeyError` or `ValueError` for one that is none."""
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
    )


def audit_event_from_image(image: Mapping[str, Any]) -> AuditEvent:
    """An entry from its image in the table's stream; raises as `to_audit_event` does."""
    return to_audit_event(from_item(image))
