"""The audit log in the table Settings: write single entries, and read pages of an account's entries."""

from typing import Any
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.audit_log import AuditEvent, AuditFilter
from latchhook.clock import to_millis
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.storage.attributes import from_item, to_item
from latchhook.storage.audit_items import AuditItems, audit_pk, to_audit_event
from latchhook.storage.database import Database

MAX_EXAMINED = 1_000
"""Entries that one page reads. DynamoDB bills all of them, including those that the filter removes."""

_READ_AT_ONCE = 250
_LAST_MILLIS = 10**13 - 1
"""The largest number of thirteen digits: a time in the year 2286."""


class AuditLog:
    """Reads the audit log, and writes entries that belong to no transaction."""

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._audit = audit

    def record(self, entry: AuditEntry) -> None:
        """Write an entry for an action without a change, for example a refused request."""
        self._database.put(self._audit.table, self._audit.item(entry))

    def page(self, account_id: str, wanted: AuditFilter, *, limit: int, after: Position | None) -> Page[AuditEvent]:
        """Return a page of the account's entries that match the filter, newest first.

        A page ends after `limit` matching entries or after `MAX_EXAMINED` read entries. It may be short or empty
        without being the last page. Raises `InvalidPositionError`.
        """
        first, last = _bounds(wanted)
        at = None if after is None else _place(after, first, last)
        if first > last:
            return Page((), None)
        arguments = self._query(account_id, wanted, first, last)
        found: list[AuditEvent] = []
        examined = 0
        while len(found) <= limit and examined < MAX_EXAMINED:
            if at is not None:
                arguments["ExclusiveStartKey"] = to_item({"pk": audit_pk(account_id), "sk": at})
            response = self._database.query(**arguments, Limit=self._at_once(wanted, limit, examined))
            found += [to_audit_event(from_item(item)) for item in response["Items"]]
            examined += response["ScannedCount"]
            if "LastEvaluatedKey" not in response:
                at = None
                break
            at = response["LastEvaluatedKey"]["sk"]["S"]
        if len(found) > limit:
            at = _thing(found[limit - 1])
        return Page(tuple(found[:limit]), None if at is None else (at,))

    @staticmethod
    def _at_once(wanted: AuditFilter, limit: int, examined: int) -> int:
        """The limit of one query. Without a filter, one entry more than the page shows whether another page exists."""
        picky = any((wanted.action, wanted.actor_id, wanted.target_id))
        return min(_READ_AT_ONCE if picky else limit + 1, MAX_EXAMINED - examined)

    def _query(self, account_id: str, wanted: AuditFilter, first: str, last: str) -> dict[str, Any]:
        names = {"#pk": "pk"}
        values = {":pk": audit_pk(account_id), ":first": first, ":last": last}
        conditions = []
        if wanted.action is not None:
            names["#action"] = "action"
            values[":action"] = wanted.action.removesuffix("*")
            starts = wanted.action.endswith("*")
            conditions.append("begins_with(#action, :action)" if starts else "#action = :action")
        for attribute, value in (("actorId", wanted.actor_id), ("targetId", wanted.target_id)):
            if value is not None:
                values[f":{attribute}"] = value
                conditions.append(f"{attribute} = :{attribute}")
        return {
            "TableName": self._audit.table,
            "KeyConditionExpression": "#pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": to_item(values),
            "ScanIndexForward": False,
            "ConsistentRead": True,
            **({"FilterExpression": " AND ".join(conditions)} if conditions else {}),
        }


def _bounds(wanted: AuditFilter) -> tuple[str, str]:
    """The sort keys around the wanted time range. An entry's key is longer than the key of its millisecond alone."""
    first = 0 if wanted.since is None else min(max(to_millis(wanted.since), 0), _LAST_MILLIS)
    last = _LAST_MILLIS if wanted.until is None else min(max(to_millis(wanted.until), 0), _LAST_MILLIS)
    return f"{first:013d}", f"{last:013d}"


def _place(after: Position, first: str, last: str) -> str:
    """Return the sort key after which a page starts. DynamoDB refuses a key outside the range of the query."""
    try:
        (thing,) = after
        millis, entry_id = thing.split("#")
        if thing != f"{int(millis):013d}#{UUID(entry_id)}" or not first <= thing <= last:
            raise InvalidPositionError
    except ValueError:
        raise InvalidPositionError from None
    return thing


def _thing(event: AuditEvent) -> str:
    return f"{to_millis(event.occurred_at):013d}#{event.id}"
