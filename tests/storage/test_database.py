"""Calls to DynamoDB: retries with jitter, failed conditions as values, and typed errors."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from latchhook.dependency_errors import DependencyUnavailableError, ThrottledError
from latchhook.storage.attributes import from_item, to_attribute, to_item
from latchhook.storage.database import ConditionFailedError, Database

KEY = {"id": {"S": "1"}}
ITEM = {"id": {"S": "1"}, "count": {"N": "7"}}


class ScriptedClient:
    """A client that returns or raises the scripted responses in order. It repeats the last response."""

    def __init__(self, *script: Mapping[str, Any] | Exception) -> None:
        self._script = list(script)
        self.requests: list[Mapping[str, Any]] = []

    def _answer(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.requests.append(request)
        response = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(response, Exception):
            raise response
        return response

    def get_item(self, **request: Any) -> Mapping[str, Any]:
        return self._answer(request)

    def put_item(self, **request: Any) -> Mapping[str, Any]:
        return self._answer(request)

    def update_item(self, **request: Any) -> Mapping[str, Any]:
        return self._answer(request)

    def transact_write_items(self, **request: Any) -> Mapping[str, Any]:
        return self._answer(request)

    def batch_get_item(self, **request: Any) -> Mapping[str, Any]:
        return self._answer(request)

    def batch_execute_statement(self, **request: Any) -> Mapping[str, Any]:
        return self._answer(request)

    def batch_write_item(self, **request: Any) -> Mapping[str, Any]:
        return self._answer(request)


def _error(code: str, **more: Any) -> ClientError:
    return ClientError(cast("Any", {"Error": {"Code": code, "Message": "the secret is x"}, **more}), "Operation")


def _cancelled(*codes: str, item: Mapping[str, Any] | None = None) -> ClientError:
    reasons = [{"Code": code} | ({"Item": item} if item and code == "ConditionalCheckFailed" else {}) for code in codes]
    return _error("TransactionCanceledException", CancellationReasons=reasons)


def _database(client: ScriptedClient) -> tuple[Database, list[float]]:
    waits: list[float] = []
    return Database(cast("Any", client), rng=Random(1), sleep=waits.append), waits


OPERATIONS: dict[str, Callable[[Database], object]] = {
    "put": lambda database: database.put("Table", ITEM, condition="attribute_not_exists(id)"),
    "update": lambda database: database.update("Table", KEY, UpdateExpression="SET a = :b"),
    "transact": lambda database: database.transact({"Put": {}}),
}
CONFLICTS = {
    "put": _error("TransactionConflictException"),
    "update": _error("TransactionConflictException"),
    "transact": _cancelled("None", "TransactionConflict"),
}
operations = pytest.mark.parametrize("name", OPERATIONS)


@operations
def test_conflicting_write_is_retried(name: str) -> None:
    client = ScriptedClient(CONFLICTS[name], CONFLICTS[name], {"Attributes": ITEM})
    database, waits = _database(client)

    OPERATIONS[name](database)

    assert len(client.requests) == 3
    assert len(waits) == 2


@operations
def test_lasting_conflict_is_a_dependency_error_after_a_bounded_wait(name: str) -> None:
    client = ScriptedClient(CONFLICTS[name])
    database, waits = _database(client)

    with pytest.raises(DependencyUnavailableError, match="every call conflicted"):
        OPERATIONS[name](database)

    assert len(client.requests) == 8
    assert sum(waits) < 3
    assert max(waits) <= 0.5


def test_waits_are_random_and_grow() -> None:
    longest: list[list[float]] = []
    for seed in range(200):
        waits: list[float] = []
        client = ScriptedClient(CONFLICTS["put"])
        with pytest.raises(DependencyUnavailableError):
            Database(cast("Any", client), rng=Random(seed), sleep=waits.append).put("Table", ITEM, condition="x")
        longest.append(waits)

    spread = [(min(waits), max(waits)) for waits in zip(*longest, strict=True)]
    assert all(shortest < longest / 10 for shortest, longest in spread)
    assert [round(longest, 1) for _, longest in spread][:5] == [0.0, 0.0, 0.1, 0.2, 0.3]


@pytest.mark.parametrize("name", ["put", "update"])
@pytest.mark.parametrize(("item", "found"), [(ITEM, {"id": "1", "count": 7}), (None, None)])
def test_failed_condition_returns_the_existing_item(name: str, item: Any, found: Any) -> None:
    more = {"Item": item} if item else {}
    database, waits = _database(ScriptedClient(_error("ConditionalCheckFailedException", **more)))

    with pytest.raises(ConditionFailedError) as failed:
        OPERATIONS[name](database)

    assert failed.value.item == found
    assert waits == []


def test_failed_condition_of_a_transaction_returns_the_existing_item() -> None:
    database, _ = _database(ScriptedClient(_cancelled("None", "ConditionalCheckFailed", item=ITEM)))

    with pytest.raises(ConditionFailedError) as failed:
        database.transact({"Put": {}})

    assert failed.value.item == {"id": "1", "count": 7}


def test_failed_condition_takes_precedence_over_a_conflict() -> None:
    client = ScriptedClient(_cancelled("TransactionConflict", "ConditionalCheckFailed"))
    database, _ = _database(client)

    with pytest.raises(ConditionFailedError):
        database.transact({"Put": {}}, {"Put": {}})
    assert len(client.requests) == 1


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_throttled_transaction_is_retried(code: str) -> None:
    client = ScriptedClient(_cancelled(code, "None"), {})
    database, waits = _database(client)

    database.transact({"Put": {}}, {"Put": {}})

    assert (len(client.requests), len(waits)) == (2, 1)


@pytest.mark.parametrize("code", ["ItemCollectionSizeLimitExceeded", "ValidationError", "AccessDenied"])
def test_transaction_cancelled_for_another_reason_is_not_retried(code: str) -> None:
    database, waits = _database(ScriptedClient(_cancelled("None", code)))

    with pytest.raises(DependencyUnavailableError, match=code):
        database.transact({"Put": {}})
    assert waits == []


@operations
@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "InternalServerError"])
def test_other_error_is_named_without_its_message(name: str, code: str) -> None:
    database, _ = _database(ScriptedClient(_error(code)))

    with pytest.raises(DependencyUnavailableError, match=code) as outage:
        OPERATIONS[name](database)
    assert "secret" not in str(outage.value)
    assert not isinstance(outage.value, ThrottledError)


@operations
@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException"])
def test_throttling_raises_its_own_error(name: str, code: str) -> None:
    database, _ = _database(ScriptedClient(_error(code)))

    with pytest.raises(ThrottledError):
        OPERATIONS[name](database)


def test_missing_connection_raises_a_dependency_error() -> None:
    unreachable = EndpointConnectionError(endpoint_url="https://dynamodb.example/")
    database, _ = _database(ScriptedClient(unreachable))

    with pytest.raises(DependencyUnavailableError, match="EndpointConnectionError"):
        database.get("Table", KEY)


# ---- Batch reads ----


def _batch(*found: str, left: tuple[str, ...] = ()) -> dict[str, Any]:
    response: dict[str, Any] = {"Responses": {"Table": [{"id": {"S": key}} for key in found]}, "UnprocessedKeys": {}}
    if left:
        response["UnprocessedKeys"] = {"Table": {"Keys": [{"id": {"S": key}} for key in left], "ConsistentRead": True}}
    return response


def test_unprocessed_keys_are_read_again() -> None:
    client = ScriptedClient(_batch("1", left=("2", "3")), _batch("2", left=("3",)), _batch("3"))
    database, waits = _database(client)

    items = database.batch_get({"Table": [{"id": {"S": key}} for key in "123"]})

    assert items == [{"id": "1"}, {"id": "2"}, {"id": "3"}]
    assert [len(request["RequestItems"]["Table"]["Keys"]) for request in client.requests] == [3, 2, 1]
    assert len(waits) == 2


def test_keys_that_stay_unprocessed_raise_a_dependency_error() -> None:
    client = ScriptedClient(_batch(left=("1",)))
    database, _ = _database(client)

    with pytest.raises(DependencyUnavailableError, match="after the last retry"):
        database.batch_get({"Table": [KEY]})
    assert len(client.requests) == 8


def test_last_retry_of_a_read_counts() -> None:
    client = ScriptedClient(*[_batch(left=("1",))] * 7, _batch("1"))
    database, _ = _database(client)

    assert database.batch_get({"Table": [KEY]}) == [{"id": "1"}]


def test_every_read_is_strongly_consistent() -> None:
    client = ScriptedClient(_batch("1"))
    database, _ = _database(client)
    database.batch_get({"Table": [KEY], "Empty": []})

    assert client.requests == [{"RequestItems": {"Table": {"Keys": [KEY], "ConsistentRead": True}}}]

    client = ScriptedClient({"Item": ITEM})
    database, _ = _database(client)
    assert database.get("Table", KEY) == {"id": "1", "count": 7}
    assert client.requests[0]["ConsistentRead"] is True


def test_missing_item_is_none() -> None:
    database, _ = _database(ScriptedClient({}))

    assert database.get("Table", KEY) is None


# ---- Batch deletions ----


def _deletions(*keys: str) -> dict[str, Any]:
    return {"Table": [{"DeleteRequest": {"Key": {"id": {"S": key}}}} for key in keys]}


@pytest.mark.parametrize(("count", "calls"), [(0, []), (1, [1]), (25, [25]), (26, [25, 1]), (100, [25] * 4)], ids=str)
def test_items_are_deleted_25_per_call(count: int, calls: list[int]) -> None:
    client = ScriptedClient({"UnprocessedItems": {}})
    database, waits = _database(client)
    names = [str(number) for number in range(count)]

    database.batch_delete("Table", [{"id": {"S": name}} for name in names])

    assert [len(request["RequestItems"]["Table"]) for request in client.requests] == calls
    assert [each for request in client.requests for each in request["RequestItems"]["Table"]] == [
        *_deletions(*names)["Table"]
    ]
    assert waits == []


def test_unprocessed_deletions_are_retried() -> None:
    client = ScriptedClient({"UnprocessedItems": _deletions("2", "3")}, {"UnprocessedItems": _deletions("3")}, {})
    database, waits = _database(client)

    database.batch_delete("Table", [{"id": {"S": key}} for key in "123"])

    assert [request["RequestItems"] for request in client.requests] == [
        _deletions("1", "2", "3"),
        _deletions("2", "3"),
        _deletions("3"),
    ]
    assert len(waits) == 2


def test_last_retry_of_a_deletion_counts() -> None:
    client = ScriptedClient(*[{"UnprocessedItems": _deletions("1")}] * 7, {"UnprocessedItems": {}})
    database, _ = _database(client)

    database.batch_delete("Table", [KEY])

    assert len(client.requests) == 8


def test_deletions_that_stay_unprocessed_stop_with_a_dependency_error() -> None:
    client = ScriptedClient({"UnprocessedItems": _deletions("7")})
    database, waits = _database(client)

    with pytest.raises(DependencyUnavailableError, match="after the last retry"):
        database.batch_delete("Table", [{"id": {"S": str(number)}} for number in range(30)])

    assert [len(request["RequestItems"]["Table"]) for request in client.requests] == [25, *[1] * 7]
    assert all(wait <= 0.5 for wait in waits)


# ---- Attributes ----


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        ("text", {"S": "text"}), ("", {"S": ""}), (7, {"N": "7"}), (-(10**37), {"N": "-1" + "0" * 37}),
        (True, {"BOOL": True}), (b"\x00", {"B": b"\x00"}), ([1, ["a"]], {"L": [{"N": "1"}, {"L": [{"S": "a"}]}]}),
        ({"a": {"b": 1}}, {"M": {"a": {"M": {"b": {"N": "1"}}}}}), ([], {"L": []}),
    ],
    ids=str,
)  # fmt: skip
def test_values_are_converted_to_attributes_and_back(value: object, attribute: dict[str, Any]) -> None:
    assert to_attribute(value) == attribute
    assert from_item({"x": attribute}) == {"x": value}


def test_none_is_not_stored() -> None:
    assert to_item({"a": None, "b": 1}) == {"b": {"N": "1"}}


def test_null_is_read_as_none() -> None:
    assert from_item({"url": {"NULL": True}}) == {"url": None}


@pytest.mark.parametrize("value", [1.5, {1, 2}, object()], ids=["float", "set", "object"])
def test_value_of_an_unsupported_type_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        to_attribute(value)


@operations
def test_failed_call_is_retried_once_after_a_short_wait(name: str) -> None:
    client = ScriptedClient(_error("ProvisionedThroughputExceededException"), {"Attributes": ITEM})
    database, waits = _database(client)

    OPERATIONS[name](database)

    assert len(client.requests) == 2
    assert len(waits) == 1
    assert waits[0] <= 0.02


def test_transaction_retried_without_a_response_has_the_same_token() -> None:
    """By this token, DynamoDB recognizes a transaction that took effect but whose response was lost."""
    client = ScriptedClient(EndpointConnectionError(endpoint_url="https://dynamodb.example/"), {})
    database, _ = _database(client)

    database.transact({"Put": {}})

    first, second = client.requests
    assert first == second
    assert first["ClientRequestToken"]


def test_cancelled_transaction_is_retried_with_a_new_token() -> None:
    client = ScriptedClient(CONFLICTS["transact"], {})
    database, _ = _database(client)

    database.transact({"Put": {}})

    first, second = client.requests
    assert first["ClientRequestToken"] != second["ClientRequestToken"]


@operations
def test_call_that_fails_twice_raises_an_error(name: str) -> None:
    client = ScriptedClient(_error("ProvisionedThroughputExceededException"))
    database, waits = _database(client)

    with pytest.raises(ThrottledError):
        OPERATIONS[name](database)

    assert len(client.requests) == 2
    assert len(waits) == 1


# ---- Batch inserts ----

ITEMS = [{"id": {"S": key}, "note": {"S": "it's"}} for key in "1234"]


def _answers(*codes: str | None) -> dict[str, Any]:
    return {"Responses": [{} if code is None else {"Error": {"Code": code, "Message": "no"}} for code in codes]}


def test_items_are_inserted_in_one_call_with_all_values_as_parameters() -> None:
    client = ScriptedClient(_answers(None, None))
    database, waits = _database(client)

    assert database.insert("A-Table", [ITEM, {"id": {"S": "2"}}]) == ["inserted", "inserted"]
    assert client.requests == [
        {
            "Statements": [
                {
                    "Statement": "INSERT INTO \"A-Table\" VALUE {'id': ?, 'count': ?}",
                    "Parameters": [{"S": "1"}, {"N": "7"}],
                },
                {"Statement": "INSERT INTO \"A-Table\" VALUE {'id': ?}", "Parameters": [{"S": "2"}]},
            ]
        }
    ]
    assert waits == []


def test_each_insert_has_its_own_outcome_and_failed_inserts_are_retried() -> None:
    client = ScriptedClient(
        _answers("ThrottlingError", "DuplicateItem", None, "TransactionConflict"),
        _answers("InternalServerError", None),
        _answers("ItemCollectionSizeLimitExceeded"),
    )
    database, waits = _database(client)

    first, *others = database.insert("Table", ITEMS)

    assert isinstance(first, DependencyUnavailableError)
    assert str(first) == "batch_execute_statement: ItemCollectionSizeLimitExceeded"
    assert others == ["exists", "inserted", "inserted"]
    assert [len(request["Statements"]) for request in client.requests] == [4, 2, 1]
    assert len(waits) == 2


@pytest.mark.parametrize(
    "code", ["InternalServerError", "ProvisionedThroughputExceeded", "RequestLimitExceeded", "ThrottlingError"]
)
def test_insert_that_keeps_failing_returns_a_dependency_error(code: str) -> None:
    client = ScriptedClient(_answers(code, None), _answers(code))
    database, waits = _database(client)

    outage, inserted = database.insert("Table", ITEMS[:2])

    assert (str(outage), inserted) == (f"batch_execute_statement: {code}", "inserted")
    assert (len(client.requests), len(waits)) == (8, 7)


def test_insert_whose_call_fails_twice_raises_a_dependency_error() -> None:
    client = ScriptedClient(_error("InternalServerError"))
    database, _ = _database(client)

    with pytest.raises(DependencyUnavailableError, match="batch_execute_statement"):
        database.insert("Table", ITEMS)
    assert len(client.requests) == 2
