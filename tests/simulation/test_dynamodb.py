"""The in-memory DynamoDB returns the same responses as DynamoDB Local for every operation."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.dynamodb_local_clients import new_client
from tests.simulation.dynamodb import DynamoDb
from tests.template_tables import DELIVERIES, SETTINGS, create_tables

Operation = tuple[str, Mapping[str, Any]]

CONDITIONS = (
    "attribute_not_exists(sk)",
    "attribute_exists(sk)",
    "#n = :n",
    "#n <> :n",
    "#n <= :n AND attribute_exists(#s)",
    "attribute_not_exists(#s) OR #n > :n",
    "NOT #s = :s",
    "(#n > :n OR #s = :s) AND attribute_not_exists(lastSlot)",
    "attribute_exists(sk) AND begins_with(#s, :s)",
    "#n BETWEEN :n AND :m",
    "#n IN (:n, :m)",
)
UPDATES = (
    "SET #n = :n",
    "SET #n = #n + :n",
    "SET #n = if_not_exists(#n, :n) REMOVE #s",
    "SET #s = :s, #n = :n",
    "ADD #n :n",
    "SET #s = if_not_exists(#s, :s) ADD #n :m",
    "REMOVE #n, #s",
)
NAMES = {"#n": "number", "#s": "status", "#pk": "pk"}
THINGS = ("a", "b#1", "b#2", "b#3", "c")


def _used(names: Mapping[str, Any], *expressions: str) -> dict[str, Any]:
    text = " ".join(expressions).replace("(", " ").replace(")", " ").replace(",", " ")
    return {name: value for name, value in names.items() if name in text.split()}


class _Operations:
    """Random operations of the kinds that the storage uses."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def some(self, count: int) -> Iterator[Operation]:
        kinds: Sequence[Callable[[], Operation]] = (
            self._put, self._update, self._update, self._delete, self._get, self._query, self._query,
            self._transact, self._batch_get, self._batch_write, self._insert,
        )  # fmt: skip
        return (self._rng.choice(kinds)() for _ in range(count))

    def _table(self) -> str:
        return self._rng.choice((SETTINGS, DELIVERIES))

    def _key(self, thing: str | None = None) -> dict[str, Any]:
        owner = self._rng.choice("xy")
        return {"pk": {"S": owner}, "sk": {"S": thing or self._rng.choice(THINGS)}}

    def _item(self, thing: str | None = None) -> dict[str, Any]:
        item = self._key(thing)
        if self._rng.random() < 0.7:
            item["number"] = {"N": str(self._rng.randrange(4))}
        if self._rng.random() < 0.7:
            item["status"] = {"S": self._rng.choice(("on", "off"))}
        return item

    def _values(self) -> dict[str, Any]:
        return {
            ":n": {"N": str(self._rng.randrange(4))},
            ":m": {"N": str(self._rng.randrange(2, 6))},
            ":s": {"S": self._rng.choice(("on", "off", "o"))},
        }

    def _conditional(self, arguments: dict[str, Any], *expressions: str) -> dict[str, Any]:
        expressions = tuple(expressions)
        if self._rng.random() < 0.7:
            arguments["ConditionExpression"] = self._rng.choice(CONDITIONS)
            arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
            expressions += (arguments["ConditionExpression"],)
        if names := _used(NAMES, *expressions):
            arguments["ExpressionAttributeNames"] = names
        if values := _used(self._values(), *expressions):
            arguments["ExpressionAttributeValues"] = values
        return arguments

    def _put(self) -> Operation:
        return "put_item", self._conditional({"TableName": self._table(), "Item": self._item()})

    def _delete(self) -> Operation:
        return "delete_item", self._conditional({"TableName": self._table(), "Key": self._key()})

    def _update(self) -> Operation:
        change = self._rng.choice(UPDATES)
        arguments = {"TableName": self._table(), "Key": self._key(), "UpdateExpression": change}
        return "update_item", {**self._conditional(arguments, change), "ReturnValues": "ALL_NEW"}

    def _get(self) -> Operation:
        return "get_item", {"TableName": self._table(), "Key": self._key(), "ConsistentRead": True}

    def _query(self) -> Operation:
        which = self._rng.choice(("", " AND begins_with(sk, :b)", " AND sk BETWEEN :a AND :c", " AND sk > :b"))
        values = {":pk": {"S": self._rng.choice("xy")}, ":a": {"S": "a"}, ":b": {"S": "b"}, ":c": {"S": "b#2"}}
        condition = "#pk = :pk" + which
        query: dict[str, Any] = {
            "TableName": self._table(),
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": _used(values, condition),
            "ExpressionAttributeNames": {"#pk": "pk"},
            "ScanIndexForward": self._rng.random() < 0.5,
            "ConsistentRead": True,
        }
        if self._rng.random() < 0.6:
            query["Limit"] = self._rng.randint(1, 5)
        if self._rng.random() < 0.3 and not which:
            query["ExclusiveStartKey"] = {"pk": values[":pk"], "sk": {"S": self._rng.choice(THINGS)}}
        if self._rng.random() < 0.3:
            query["ProjectionExpression"] = "sk, #s"
            query["ExpressionAttributeNames"]["#s"] = "status"
        if self._rng.random() < 0.3:
            query["FilterExpression"] = "attribute_exists(#n)"
            query["ExpressionAttributeNames"]["#n"] = "number"
        return "query", query

    def _transact(self) -> Operation:
        writes = []
        for thing in self._rng.sample(THINGS, self._rng.randint(1, 3)):
            if self._rng.random() < 0.5:
                put = {"TableName": self._table(), "Item": self._item(thing)}
                writes.append({"Put": self._conditional(put)})
            else:
                change = self._rng.choice(UPDATES)
                update = {"TableName": self._table(), "Key": self._key(thing), "UpdateExpression": change}
                writes.append({"Update": self._conditional(update, change)})
        return "transact_write_items", {"TransactItems": writes}

    def _batch_get(self) -> Operation:
        keys = [self._key(thing) for thing in self._rng.sample(THINGS, self._rng.randint(1, 5))]
        if self._rng.random() < 0.1:
            keys.append(keys[0])
        return "batch_get_item", {"RequestItems": {self._table(): {"Keys": keys, "ConsistentRead": True}}}

    def _batch_write(self) -> Operation:
        some = self._rng.sample(THINGS, self._rng.randint(1, 4))
        requests: list[dict[str, Any]] = [
            {"PutRequest": {"Item": self._item(thing)}}
            if self._rng.random() < 0.5
            else {"DeleteRequest": {"Key": self._key(thing)}}
            for thing in some
        ]
        return "batch_write_item", {"RequestItems": {self._table(): requests}}

    def _insert(self) -> Operation:
        items = [self._item(thing) for thing in self._rng.sample(THINGS, self._rng.randint(1, 3))]
        table = self._table()
        statements = [
            {
                "Statement": f'INSERT INTO "{table}" VALUE {{{", ".join(f"{name!r}: ?" for name in item)}}}',
                "Parameters": list(item.values()),
            }
            for item in items
        ]
        return "batch_execute_statement", {"Statements": statements}


def _answer(client: Any, operation: Operation) -> Any:
    """Return the relevant parts of a response or an error."""
    name, arguments = operation
    try:
        response = getattr(client, name)(**arguments)
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", ())
        return (
            error.response["Error"]["Code"],
            error.response.get("Item"),
            [(reason.get("Code"), reason.get("Item")) for reason in reasons],
        )
    if name == "batch_get_item":
        return {
            table: sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))
            for table, items in response["Responses"].items()
        }
    if name == "batch_execute_statement":
        return [each.get("Error", {}).get("Code", "").removesuffix("Exception") for each in response["Responses"]]
    return {each: response.get(each) for each in ("Item", "Items", "Attributes", "LastEvaluatedKey")}


@pytest.mark.parametrize("seed", range(3))
def test_responses_equal_those_of_dynamodb_local(dynamodb_local_url: str, seed: int) -> None:
    real = new_client(dynamodb_local_url)
    create_tables(real)
    double = DynamoDb(Random(0), lambda: 0.0, lambda *_: None)
    for number, operation in enumerate(_Operations(Random(seed)).some(250)):
        expected, actual = _answer(real, operation), _answer(double, operation)
        assert actual == expected, (number, operation)


def test_eventually_consistent_reads_show_older_items() -> None:
    now = 0.0
    double = DynamoDb(Random(0), lambda: now, lambda *_: None)
    key = {"pk": {"S": "x"}, "sk": {"S": "a"}}
    double.put_item(TableName=SETTINGS, Item={**key, "number": {"N": "1"}})
    now = 10.0
    double.put_item(TableName=SETTINGS, Item={**key, "number": {"N": "2"}})
    now = 10.1

    def seen(*, consistent: bool) -> set[str]:
        reads = [double.get_item(TableName=SETTINGS, Key=key, ConsistentRead=consistent) for _ in range(50)]
        return {read["Item"]["number"]["N"] for read in reads}

    assert seen(consistent=True) == {"2"}
    assert seen(consistent=False) == {"1", "2"}


def test_transaction_with_a_token_takes_effect_once() -> None:
    double = DynamoDb(Random(0), lambda: 0.0, lambda *_: None)
    key = {"pk": {"S": "x"}, "sk": {"S": "a"}}
    update = {
        "TableName": SETTINGS,
        "Key": key,
        "UpdateExpression": "ADD #n :one",
        "ExpressionAttributeNames": {"#n": "number"},
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    for _ in range(2):
        double.transact_write_items(TransactItems=[{"Update": update}], ClientRequestToken="token")
    assert double.get_item(TableName=SETTINGS, Key=key, ConsistentRead=True)["Item"]["number"] == {"N": "1"}
