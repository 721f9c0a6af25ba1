"""DynamoDB in memory: the operations of the boto3 client, on the tables that template.yaml declares.

Each operation is atomic. Faults and delays are added by aws.py. Reads that are not strongly consistent can return data
up to a second old.
"""

import re
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from botocore.exceptions import ClientError

from tests.simulation import expressions
from tests.simulation.expressions import InvalidValuesError, Item, plain
from tests.template_tables import declared_tables

LAG_SECONDS = 1.0
PAGE_BYTES = 1_000_000
_INSERT = re.compile(r"""INSERT INTO "(\w+)" VALUE \{(.*)\}""", re.DOTALL)
_NAME = re.compile(r"'(\w+)': \?")

OnChange = Callable[[str, Item | None, Item | None], None]
Key = tuple[Any, Any]


class Table:
    """A table: partitions of items, ordered by range key."""

    def __init__(self, name: str, properties: Mapping[str, Any]) -> None:
        self.name = name
        self.hash, self.range = _schema(properties)
        self.indexes = {each["IndexName"]: _schema(each) for each in properties.get("GlobalSecondaryIndexes", ())}
        self.items: dict[Key, Item] = {}
        self.order: dict[Any, list[Any]] = {}
        self.recent: deque[tuple[float, Key, Item | None]] = deque()
        """The items before each write of the last second."""

    def key_of(self, item: Mapping[str, Any]) -> Key:
        return plain(item[self.hash]), plain(item[self.range])

    def key_item(self, item: Item) -> Item:
        return {name: item[name] for name in (self.hash, self.range)}

    def write(self, key: Key, item: Item | None, now: float) -> None:
        before = self.items.get(key)
        self.recent.append((now, key, before))
        while self.recent[0][0] < now - LAG_SECONDS:
            self.recent.popleft()
        if item is None:
            if self.items.pop(key, None) is not None:
                self.order[key[0]].remove(key[1])
            return
        if before is None:
            insort(self.order.setdefault(key[0], []), key[1])
        self.items[key] = item

    def as_of(self, moment: float) -> Mapping[Key, Item | None]:
        """Return the items that were different at that time."""
        older: dict[Key, Item | None] = {}
        for at, key, before in reversed(self.recent):
            if at <= moment:
                break
            older[key] = before
        return older


def _schema(properties: Mapping[str, Any]) -> tuple[str, str]:
    by_type = {each["KeyType"]: each["AttributeName"] for each in properties["KeySchema"]}
    return by_type["HASH"], by_type.get("RANGE", "")


def error(code: str, operation: str, **more: Any) -> ClientError:
    """Return an error as the client raises it."""
    response: Any = {"Error": {"Code": code, "Message": code}, **more}
    return ClientError(response, operation)


class DynamoDb:
    """All tables. `on_change` is called with every change, for streams."""

    def __init__(self, rng: Random, seconds: Callable[[], float], on_change: OnChange) -> None:
        self.tables = {name: Table(name, properties) for name, properties in declared_tables().items()}
        self.leaves_over = 0.0
        """The probability that a batch leaves unprocessed items."""
        self._rng = rng
        self._seconds = seconds
        self._on_change = on_change
        self._done_tokens: set[str] = set()

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool = False) -> Mapping[str, Any]:
        table = self.tables[TableName]
        item = self._read(table, table.key_of(Key), self._older(table, ConsistentRead))
        return {} if item is None else {"Item": item}

    def put_item(self, **arguments: Any) -> Mapping[str, Any]:
        self._single("PutItem", {"Put": arguments}, arguments)
        return {}

    def update_item(self, *, ReturnValues: str = "NONE", **arguments: Any) -> Mapping[str, Any]:
        changed = self._single("UpdateItem", {"Update": arguments}, arguments)
        return {"Attributes": changed} if ReturnValues == "ALL_NEW" else {}

    def delete_item(self, **arguments: Any) -> Mapping[str, Any]:
        self._single("DeleteItem", {"Delete": arguments}, arguments)
        return {}

    def transact_write_items(
        self,
        *,
        TransactItems: Sequence[Mapping[str, Any]],
        ClientRequestToken: str = "",
    ) -> Mapping[str, Any]:
        if ClientRequestToken and ClientRequestToken in self._done_tokens:
            return {}
        planned = [self._plan(write) for write in TransactItems]
        if len({(table.name, key) for table, key, _, _ in planned}) < len(planned):
            raise error("ValidationException", "TransactWriteItems")
        if not all(holds for _, _, _, holds in planned):
            reasons = [
                {"Code": "None"} if holds else {"Code": "ConditionalCheckFailed", **_old(write, table.items.get(key))}
                for write, (table, key, _, holds) in zip(TransactItems, planned, strict=True)
            ]
            raise error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)
        for table, key, item, _ in planned:
            self._write(table, key, item)
        if ClientRequestToken:
            self._done_tokens.add(ClientRequestToken)
        return {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
        found: dict[str, list[Item]] = {name: [] for name in RequestItems}
        left: dict[str, Any] = {}
        if sum(len(request["Keys"]) for request in RequestItems.values()) > 100:
            raise error("ValidationException", "BatchGetItem")
        for name, request in RequestItems.items():
            table, keys = self.tables[name], request["Keys"]
            if len({table.key_of(key) for key in keys}) < len(keys):
                raise error("ValidationException", "BatchGetItem")
            done = self._part(keys)
            older = self._older(table, request.get("ConsistentRead", False))
            for key in keys[:done]:
                item = self._read(table, table.key_of(key), older)
                if item is not None:
                    found[name].append(_projected(item, request))
            if done < len(keys):
                left[name] = {**request, "Keys": keys[done:]}
        return {"Responses": found, "UnprocessedKeys": left}

    def batch_write_item(self, *, RequestItems: Mapping[str, Sequence[Mapping[str, Any]]]) -> Mapping[str, Any]:
        left: dict[str, Any] = {}
        if sum(len(requests) for requests in RequestItems.values()) > 25:
            raise error("ValidationException", "BatchWriteItem")
        for name, requests in RequestItems.items():
            table = self.tables[name]
            planned: list[tuple[Key, Item | None]] = []
            for request in requests:
                if "PutRequest" in request:
                    item = request["PutRequest"]["Item"]
                    planned.append((table.key_of(item), dict(item)))
                else:
                    planned.append((table.key_of(request["DeleteRequest"]["Key"]), None))
            if len({key for key, _ in planned}) < len(planned):
                raise error("ValidationException", "BatchWriteItem")
            done = self._part(requests)
            for key, item in planned[:done]:
                self._write(table, key, item)
            if done < len(requests):
                left[name] = list(requests[done:])
        return {"UnprocessedItems": left}

    def batch_execute_statement(self, *, Statements: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        planned = [self._insertion(statement) for statement in Statements]
        if len(planned) > 25 or len({(table.name, key) for table, key, _ in planned}) < len(planned):
            raise error("ValidationException", "BatchExecuteStatement")
        responses: list[Mapping[str, Any]] = []
        for table, key, item in planned:
            if self.leaves_over and self._rng.random() < self.leaves_over:
                responses.append({"TableName": table.name, "Error": {"Code": "ThrottlingError", "Message": ""}})
            elif key in table.items:
                responses.append({"TableName": table.name, "Error": {"Code": "DuplicateItem", "Message": ""}})
            else:
                self._write(table, key, item)
                responses.append({"TableName": table.name})
        return {"Responses": responses}

    def query(
        self,
        *,
        TableName: str,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Mapping[str, Any],
        IndexName: str | None = None,
        ExpressionAttributeNames: Mapping[str, str] | None = None,
        FilterExpression: str | None = None,
        ScanIndexForward: bool = True,
        ConsistentRead: bool = False,
        ExclusiveStartKey: Item | None = None,
        Limit: int | None = None,
        **projection: Any,
    ) -> Mapping[str, Any]:
        table = self.tables[TableName]
        hash_name, range_name = table.indexes[IndexName] if IndexName else (table.hash, table.range)
        if IndexName and ConsistentRead:
            raise error("ValidationException", "Query")
        fits = expressions.condition(KeyConditionExpression, ExpressionAttributeNames)
        items = self._candidates(
            table, IndexName, hash_name, KeyConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues,
            consistent=ConsistentRead,
        )  # fmt: skip
        items = [item for item in items if fits(item, ExpressionAttributeValues)]

        def place(item: Item) -> tuple[Any, ...]:
            own = () if range_name not in item else (plain(item[range_name]),)
            return (*own, *table.key_of(item)) if IndexName else own

        if IndexName:
            items.sort(key=place)
        if not ScanIndexForward:
            items.reverse()
        if ExclusiveStartKey is not None:
            start = place(ExclusiveStartKey)
            items = [item for item in items if (place(item) > start if ScanIndexForward else place(item) < start)]
        return self._page(table, items, Limit, FilterExpression, ExpressionAttributeNames, ExpressionAttributeValues,
                          projection, (hash_name, range_name))  # fmt: skip

    def _page(
        self,
        table: Table,
        items: list[Item],
        limit: int | None,
        filter_expression: str | None,
        names: Mapping[str, str] | None,
        values: Mapping[str, Any],
        projection: Mapping[str, Any],
        keys: tuple[str, str],
    ) -> Mapping[str, Any]:
        taken = items if limit is None else items[:limit]
        size = 0
        for at, item in enumerate(taken):
            size += sum(len(str(value)) for value in item.values()) if len(taken) > 20 else 0
            if size > PAGE_BYTES:
                taken = taken[: at + 1]
                break
        response: dict[str, Any] = {}
        # DynamoDB returns a last key even if the limit is met exactly.
        if taken and (len(taken) < len(items) or len(taken) == limit):
            last = taken[-1]
            response["LastEvaluatedKey"] = {
                **table.key_item(last), **{name: last[name] for name in keys if name in last}
            }  # fmt: skip
        if filter_expression:
            passes = expressions.condition(filter_expression, names)
            taken = [item for item in taken if passes(item, values)]
        request = {**projection, "ExpressionAttributeNames": names}
        response["Items"] = [_projected(item, request) for item in taken]
        return response

    def _candidates(
        self,
        table: Table,
        index: str | None,
        hash_name: str,
        expression: str,
        names: Mapping[str, str] | None,
        values: Mapping[str, Any],
        *,
        consistent: bool,
    ) -> list[Item]:
        """Return the items of a partition in order, or all items of an index."""
        older = self._older(table, consistent)
        if index:
            keys: Sequence[Key] = [*{**dict.fromkeys(table.items), **dict.fromkeys(older)}]
            found = [self._read(table, key, older) for key in keys]
            return [item for item in found if item is not None and hash_name in item]
        partition = plain(values[_value_of(expression, hash_name, tuple((names or {}).items()))])
        ranges: Sequence[Any] = table.order.get(partition, [])
        gone = [key[1] for key in older if key[0] == partition]
        if gone:
            ranges = sorted({*ranges, *gone})
        found = [self._read(table, (partition, each), older) for each in ranges]
        return [item for item in found if item is not None]

    def _older(self, table: Table, consistent: bool) -> Mapping[Key, Item | None]:
        if consistent or not table.recent:
            return {}
        return table.as_of(self._seconds() - self._rng.uniform(0, LAG_SECONDS))

    @staticmethod
    def _read(table: Table, key: Key, older: Mapping[Key, Item | None]) -> Item | None:
        return older[key] if key in older else table.items.get(key)

    def _part(self, work: Sequence[Any]) -> int:
        """Return the number of processed items of a batch."""
        if self.leaves_over and self._rng.random() < self.leaves_over:
            return self._rng.randrange(len(work) + 1)
        return len(work)

    def _single(self, operation: str, write: Mapping[str, Any], arguments: Mapping[str, Any]) -> Item | None:
        table, key, item, holds = self._plan(write)
        if not holds:
            before = table.items.get(key)
            shown = arguments.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and before is not None
            raise error("ConditionalCheckFailedException", operation, **({"Item": before} if shown else {}))
        self._write(table, key, item)
        return item

    def _plan(self, write: Mapping[str, Any]) -> tuple[Table, Key, Item | None, bool]:
        """Return the table, the key and the new item of a write, and whether its condition is met."""
        ((kind, arguments),) = write.items()
        table = self.tables[arguments["TableName"]]
        key = table.key_of(arguments["Item"] if kind == "Put" else arguments["Key"])
        before = table.items.get(key)
        names, values = arguments.get("ExpressionAttributeNames"), arguments.get("ExpressionAttributeValues", {})
        condition = arguments.get("ConditionExpression")
        try:
            if condition and not expressions.condition(condition, names)(before or {}, values):
                return table, key, None, False
        except InvalidValuesError:
            raise error("ValidationException", kind) from None
        if kind == "Put":
            return table, key, dict(arguments["Item"]), True
        if kind == "Update":
            try:
                change = expressions.update(arguments["UpdateExpression"], names)
                return table, key, change(before or dict(arguments["Key"]), values), True
            except InvalidValuesError:
                raise error("ValidationException", "UpdateItem") from None
        return table, key, before if kind == "ConditionCheck" else None, True

    def _write(self, table: Table, key: Key, item: Item | None) -> None:
        before = table.items.get(key)
        if before is None and item is None:
            return
        table.write(key, item, self._seconds())
        if before != item:
            self._on_change(table.name, before, item)

    def _insertion(self, statement: Mapping[str, Any]) -> tuple[Table, Key, Item]:
        found = _INSERT.fullmatch(statement["Statement"])
        if found is None:
            raise error("ValidationException", "BatchExecuteStatement")
        names = _NAME.findall(found[2])
        table = self.tables[found[1]]
        item = dict(zip(names, statement["Parameters"], strict=True))
        return table, table.key_of(item), item

    def scan(self, table: str) -> Iterator[Item]:
        """Return every item of a table, for checks."""
        return iter(self.tables[table].items.values())


def _old(write: Mapping[str, Any], before: Item | None) -> Mapping[str, Any]:
    ((_, arguments),) = write.items()
    shown = arguments.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and before is not None
    return {"Item": before} if shown else {}


def _projected(item: Item, request: Mapping[str, Any]) -> Item:
    expression = request.get("ProjectionExpression")
    if not expression:
        return item
    wanted = expressions.names_in(expression, request.get("ExpressionAttributeNames"))
    return {name: item[name] for name in wanted if name in item}


def _value_of(expression: str, hash_name: str, names: tuple[tuple[str, str], ...]) -> str:
    """Return the name of the value of the partition key in a key condition."""
    aliases = [re.escape(alias) for alias, name in names if name == hash_name]
    found = re.search(rf"(?:{'|'.join([*aliases, re.escape(hash_name)])})\s*=\s*(:\w+)", expression)
    if found is None:
        raise error("ValidationException", "Query")
    return found[1]
