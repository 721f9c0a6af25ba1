"""How an audit entry is kept: in the settings table, one partition an account, ordered by time."""

from datetime import timedelta
from typing import Any

from latchhook.audit import AuditEntry
from latchhook.clock import to_millis
from latchhook.storage.attributes import Item, to_item


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
                "owner": f"AUDIT#{entry.account_id}",
                "thing": f"{to_millis(origin.at):013d}#{entry.id}",
                "action": entry.action,
                "targetId": entry.target_id,
                "actorKind": origin.caller.kind,
                "actorId": origin.caller.actor_id,
                "sourceIp": origin.source_ip,
                "requestId": origin.request_id,
                "ttl": to_millis(origin.at + self._retention) // 1000,
            }
        )

    def put(self, entry: AuditEntry) -> dict[str, Any]:
        """The entry as one write of a transaction."""
        return {"Put": {"TableName": self.table, "Item": self.item(entry)}}
