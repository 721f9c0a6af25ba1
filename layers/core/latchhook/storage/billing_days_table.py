"""The billing days of accounts in the table Settings: `ACCOUNT#<account>` / `BILLING_DAY`."""

from latchhook.api_keys.billing import CALENDAR_MONTH, BillingDay
from latchhook.audit import AuditEntry
from latchhook.clock import from_millis, to_millis
from latchhook.storage.attributes import Item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database


class BillingDaysTable:
    """Reads and changes billing days."""

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._table = audit.table
        self._audit = audit

    def of(self, account_id: str) -> BillingDay:
        """Read the account's billing day, strongly consistent. The default is the first day of the month."""
        item = self._database.get(self._table, _key(account_id))
        if item is None:
            return CALENDAR_MONTH
        return BillingDay(item["day"], from_millis(item["since"]) if "since" in item else None)

    def change(self, account_id: str, chosen: BillingDay, entry: AuditEntry) -> None:
        """Store the day, in one transaction with the audit entry. Write nothing if the stored day is the same."""
        since = None if chosen.since is None else to_millis(chosen.since)
        put = {
            "TableName": self._table,
            "Item": {**_key(account_id), **to_item({"day": chosen.day, "since": since})},
            "ConditionExpression": "attribute_not_exists(sk) OR #day <> :day",
            "ExpressionAttributeNames": {"#day": "day"},
            "ExpressionAttributeValues": to_item({":day": chosen.day}),
        }
        try:
            self._database.transact({"Put": put}, self._audit.put(entry))
        except ConditionFailedError:
            return


def _key(account_id: str) -> Item:
    return to_item({"pk": f"ACCOUNT#{account_id}", "sk": "BILLING_DAY"})
