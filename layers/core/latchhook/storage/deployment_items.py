"""Objects of the deployment in the table Settings, one partition per kind: `EVENT_TYPES` / `<name>`.

The counters are stored like the counters of accounts (account_items.py), under the empty account id, which no account
can have.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic

from latchhook.audit import AuditEntry
from latchhook.clock import to_millis
from latchhook.deployment_objects import O
from latchhook.optimistic_locking import ConflictError
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.storage.account_items import one_less, one_more
from latchhook.storage.attributes import Item, from_item, to_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.database import ConditionFailedError, Database

_NOBODY = ""


class DeploymentItems(Generic[O]):
    """Reads and writes the objects of one kind. Each change and its audit entry are one transaction."""

    partition: ClassVar[str]
    counter: ClassVar[str]
    limit: ClassVar[int]
    """The maximum number of objects."""
    changed: ClassVar[type[ConflictError]]
    missing: ClassVar[type[Exception]]
    too_many: ClassVar[type[Exception]]

    def __init__(self, database: Database, *, audit: AuditItems) -> None:
        self._database = database
        self._table = audit.table
        self._audit = audit

    @staticmethod
    @abstractmethod
    def is_name(text: str) -> bool:
        """Return whether the text can be an object's name."""

    @staticmethod
    @abstractmethod
    def read(item: Mapping[str, Any]) -> O:
        """Build the object from its item."""

    @staticmethod
    @abstractmethod
    def attributes(stored: O) -> Mapping[str, Any]:
        """Return the attributes of an object, without its name, times and version."""

    def find(self, name: str) -> O | None:
        """Read the object with this name, strongly consistent. None if it does not exist."""
        item = self._database.get(self._table, self._key(name))
        return None if item is None else self.read(item)

    def page(self, *, limit: int, after: Position | None) -> Page[O]:
        """Return a page of objects in the order of their names, with one query.

        The query returns at most one megabyte. A page may be short or empty without being the last page. Raises
        `InvalidPositionError`.
        """
        start = None if after is None else self._key(self.name_in(after))
        response = self._query(start, Limit=limit + 1)  # one more item shows whether another page exists
        found = tuple(self.read(from_item(item)) for item in response["Items"])
        if len(found) > limit:
            return Page(found[:limit], (found[limit - 1].name,))
        last = response.get("LastEvaluatedKey")
        return Page(found, None if last is None else (last["sk"]["S"],))

    def names(self) -> frozenset[str]:
        """Read the names of all objects, strongly consistent. A query returns at most one megabyte per page."""
        found: set[str] = set()
        response = self._query(None, ProjectionExpression="sk")
        found.update(item["sk"]["S"] for item in response["Items"])
        while "LastEvaluatedKey" in response:
            response = self._query(response["LastEvaluatedKey"], ProjectionExpression="sk")
            found.update(item["sk"]["S"] for item in response["Items"])
        return frozenset(found)

    def add(self, added: O, entry: AuditEntry) -> None:
        """Store a new object and count it. Raises `too_many`, and `changed` if an object with this name exists."""
        put = {
            "TableName": self._table,
            "Item": self._item(added),
            "ConditionExpression": "attribute_not_exists(sk)",
        }
        count = one_more(self._table, _NOBODY, self.counter, limit=self.limit)
        try:
            self._database.transact({"Put": put}, count, self._audit.put(entry))
        except ConditionFailedError as failed:
            raise (self.changed if failed.position == 0 else self.too_many) from None

    def replace(self, before: O, after: O, entry: AuditEntry) -> None:
        """Replace `before` with `after`. Raises `changed` if the stored object differs from `before`."""
        put = {
            "TableName": self._table,
            "Item": self._item(after),
            "ConditionExpression": "version = :before AND createdAt = :created",
            "ExpressionAttributeValues": to_item({":before": before.version, ":created": to_millis(before.created_at)}),
        }
        try:
            self._database.transact({"Put": put}, self._audit.put(entry))
        except ConditionFailedError:
            raise self.changed from None

    def delete(self, name: str, entry: AuditEntry) -> None:
        """Delete an object. Raises `missing`."""
        delete = {
            "TableName": self._table,
            "Key": self._key(name),
            "ConditionExpression": "attribute_exists(sk)",
        }
        count = one_less(self._table, _NOBODY, self.counter)
        try:
            self._database.transact({"Delete": delete}, count, self._audit.put(entry))
        except ConditionFailedError:
            raise self.missing from None

    def name_in(self, position: Position) -> str:
        """Return the name in a position. Raises `InvalidPositionError`."""
        if len(position) != 1 or not self.is_name(position[0]):
            raise InvalidPositionError
        return position[0]

    def _query(self, start: Item | None, **arguments: Any) -> Mapping[str, Any]:
        return self._database.query(
            TableName=self._table,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues=to_item({":pk": self.partition}),
            ConsistentRead=True,
            **({} if start is None else {"ExclusiveStartKey": start}),
            **arguments,
        )

    def _key(self, name: str) -> Item:
        return to_item({"pk": self.partition, "sk": name})

    def _item(self, stored: O) -> Item:
        times = {"createdAt": to_millis(stored.created_at), "updatedAt": to_millis(stored.updated_at)}
        return {
            **self._key(stored.name),
            **to_item({**self.attributes(stored), **times, "version": stored.version}),
        }
