"""The accounts' policies for exposed keys, and the reported exposures, in the table Settings.

A policy is the item `ACCOUNT#<account>` / `LEAKED_KEY_POLICY`. A reported exposure is the item `ACCOUNT#<account>` /
`EXPOSURE#<id of its audit entry>`. It expires with its audit entry.
"""

from uuid import UUID

from latchhook.api_keys.leaks import Action
from latchhook.audit import AuditEntry
from latchhook.storage.attributes import Item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database

_POLICY = "LEAKED_KEY_POLICY"


class LeakedKeyPolicies:
    """Reads and writes policies and reported exposures."""

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._table = audit.table
        self._audit = audit

    def chosen(self, account_id: str) -> Action | None:
        """Return the account's chosen action, or None."""
        item = self._database.get(self._table, _key(account_id, _POLICY))
        return None if item is None else item["action"]

    def choose(self, account_id: str, action: Action, entry: AuditEntry) -> None:
        """Make `action` the account's policy, in one transaction with the audit entry.

        Nothing is written if `action` is already the policy.
        """
        put = {
            "TableName": self._table,
            "Item": {**_key(account_id, _POLICY), **to_item({"action": action})},
            "ConditionExpression": "attribute_not_exists(sk) OR #action <> :action",
            "ExpressionAttributeNames": {"#action": "action"},
            "ExpressionAttributeValues": to_item({":action": action}),
        }
        try:
            self._database.transact({"Put": put}, self._audit.put(entry))
        except ConditionFailedError:
            return

    def standing(self, account_id: str, exposure_id: UUID) -> tuple[Action | None, bool]:
        """Read the account's chosen action or None, and whether this exposure is already reported to it."""
        wanted = [_key(account_id, _POLICY), _key(account_id, _exposure(exposure_id))]
        found = {item["sk"]: item for item in self._database.batch_get({self._table: wanted})}
        policy = found.get(_POLICY)
        return None if policy is None else policy["action"], _exposure(exposure_id) in found

    def tell(self, entry: AuditEntry) -> None:
        """Write the audit entry and mark its exposure as reported. A repetition writes nothing."""
        put = {
            "TableName": self._table,
            "Item": self._told(entry),
            "ConditionExpression": "attribute_not_exists(sk)",
        }
        try:
            self._database.transact({"Put": put}, self._audit.put(entry))
        except ConditionFailedError:
            return

    def remember(self, entry: AuditEntry) -> None:
        """Mark an exposure as reported. Its audit entry is already written."""
        self._database.put(self._table, self._told(entry))

    def _told(self, entry: AuditEntry) -> Item:
        return {**_key(entry.account_id, _exposure(entry.id)), "ttl": self._audit.item(entry)["ttl"]}


def _key(account_id: str, thing: str) -> Item:
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": thing})


def _exposure(exposure_id: UUID) -> str:
    return f"EXPOSURE#{exposure_id}"
