"""What accounts want done about leaked keys, and which leaks they have been told of: items of the table Settings.

A policy is `ACCOUNT#<account>` / `LEAKED_KEY_POLICY`, an exposure that the account has been told of is
`ACCOUNT#<account>` / `EXPOSURE#<id of its audit entry>` and goes when the entry goes.
"""

from uuid import UUID

from latchhook.api_keys.leaks import Action
from latchhook.audit import AuditEntry
from latchhook.storage.attributes import Item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database

_POLICY = "LEAKED_KEY_POLICY"


class LeakedKeyPolicies:
    """Every access to policies and to what accounts have been told."""

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._table = audit.table
        self._audit = audit

    def chosen(self, account_id: str) -> Action | None:
        """What the account has chosen; None if nothing."""
        item = self._database.get(self._table, _key(account_id, _POLICY))
        return None if item is None else item["action"]

    def choose(self, account_id: str, action: Action, entry: AuditEntry) -> None:
        """Makes `action` the account's policy, in one transaction with its audit entry.

        Nothing is written if the account has chosen `action` before.
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
        """What the account has chosen, None if nothing, and whether it has been told of this exposure: one read."""
        wanted = [_key(account_id, _POLICY), _key(account_id, _exposure(exposure_id))]
        found = {item["sk"]: item for item in self._database.batch_get({self._table: wanted})}
        policy = found.get(_POLICY)
        return None if policy is None else policy["action"], _exposure(exposure_id) in found

    def tell(self, entry: AuditEntry) -> None:
        """Records an exposure and that its account has been told of it; once, whoever else does so."""
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
        """Records that the account has been told of an exposure whose entry stands in the audit log already."""
        self._database.put(self._table, self._told(entry))

    def _told(self, entry: AuditEntry) -> Item:
        return {**_key(entry.account_id, _exposure(entry.id)), "ttl": self._audit.item(entry)["ttl"]}


def _key(account_id: str, thing: str) -> Item:
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": thing})


def _exposure(exposure_id: UUID) -> str:
    return f"EXPOSURE#{exposure_id}"
