"""Event types in the table Settings: `EVENT_TYPES` / `<name>`.

Schema, example and orders are stored as JSON. The counter of event types is stored like the counters of accounts
(account_items.py), under the empty account id, which no account can have.
"""

import json
from collections.abc import Mapping
from typing import Any

from latchhook.audit import AuditEntry
from latchhook.clock import from_millis, to_millis
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.storage.account_items import one_less, one_more
from latchhook.storage.attributes import Item, from_item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database
from latchhook.webhooks.errors import EventTypeChangedError, EventTypeNotFoundError, TooManyEventTypesError
from latchhook.webhooks.event_names import is_event_name
from latchhook.webhooks.event_types import MAX_TYPES, EventType

_OWNER = "EVENT_TYPES"
_NOBODY = ""
_COUNTER = "eventTypes"


class EventTypesTable:
    """Reads and writes event types. Each change and its audit entry are one transaction."""

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._table = audit.table
        self._audit = audit

    def find(self, name: str) -> EventType | None:
        """Read the type with this name, strongly consistent. None if it does not exist."""
        item = self._database.get(self._table, _key(name))
        return None if item is None else _to_event_type(item)

    def page(self, *, limit: int, after: Position | None) -> Page[EventType]:
        """Return a page of types in the order of their names, with one query.

        The query returns at most one megabyte. A page may be short or empty without being the last page. Raises
        `InvalidPositionError`.
        """
        start = {} if after is None else {"ExclusiveStartKey": _key(_name_in(after))}
        response = self._database.query(
            TableName=self._table,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues=to_item({":pk": _OWNER}),
            ConsistentRead=True,
            Limit=limit + 1,  # one more item shows whether another page exists
            **start,
        )
        found = tuple(_to_event_type(from_item(item)) for item in response["Items"])
        if len(found) > limit:
            return Page(found[:limit], (found[limit - 1].name,))
        last = response.get("LastEvaluatedKey")
        return Page(found, None if last is None else (last["sk"]["S"],))

    def add(self, event_type: EventType, entry: AuditEntry) -> None:
        """Store a new type and count it.

        Raises `TooManyEventTypesError`, and `EventTypeChangedError` if a type with this name exists.
        """
        put = {
            "TableName": self._table,
            "Item": _to_item(event_type),
            "ConditionExpression": "attribute_not_exists(sk)",
        }
        count = one_more(self._table, _NOBODY, _COUNTER, limit=MAX_TYPES)
        try:
            self._database.transact({"Put": put}, count, self._audit.put(entry))
        except ConditionFailedError as failed:
            raise (EventTypeChangedError if failed.position == 0 else TooManyEventTypesError) from None

    def replace(self, before: EventType, after: EventType, entry: AuditEntry) -> None:
        """Replace `before` with `after`. Raises `EventTypeChangedError` if the stored type differs from `before`."""
        put = {
            "TableName": self._table,
            "Item": _to_item(after),
            "ConditionExpression": "version = :before AND createdAt = :created",
            "ExpressionAttributeValues": to_item({":before": before.version, ":created": to_millis(before.created_at)}),
        }
        try:
            self._database.transact({"Put": put}, self._audit.put(entry))
        except ConditionFailedError:
            raise EventTypeChangedError from None

    def delete(self, name: str, entry: AuditEntry) -> None:
        """Delete a type. Raises `EventTypeNotFoundError`."""
        delete = {
            "TableName": self._table,
            "Key": _key(name),
            "ConditionExpression": "attribute_exists(sk)",
        }
        count = one_less(self._table, _NOBODY, _COUNTER)
        try:
            self._database.transact({"Delete": delete}, count, self._audit.put(entry))
        except ConditionFailedError:
            raise EventTypeNotFoundError from None


def _key(name: str) -> Item:
    return to_item({"pk": _OWNER, "sk": name})


def _name_in(position: Position) -> str:
    if len(position) != 1 or not is_event_name(position[0]):
        raise InvalidPositionError
    return position[0]


def _to_event_type(item: Mapping[str, Any]) -> EventType:
    return EventType(
        name=item["sk"],
        created_at=from_millis(item["createdAt"]),
        updated_at=from_millis(item["updatedAt"]),
        description=item.get("description"),
        schema=json.loads(item["schema"]) if "schema" in item else None,
        example=json.loads(item["example"]) if "example" in item else None,
        orders={path: tuple(words) for path, words in json.loads(item["orders"]).items()},
        version=item["version"],
    )


def _to_item(event_type: EventType) -> Item:
    return {
        **_key(event_type.name),
        **to_item(
            {
                "description": event_type.description,
                "schema": _json(event_type.schema),
                "example": _json(event_type.example),
                "orders": _json(event_type.orders),
                "createdAt": to_millis(event_type.created_at),
                "updatedAt": to_millis(event_type.updated_at),
                "version": event_type.version,
            }
        ),
    }


def _json(document: Mapping[str, Any] | None) -> str | None:
    return None if document is None else json.dumps(document, ensure_ascii=False, separators=(",", ":"))
