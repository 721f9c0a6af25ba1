"""Calls of DynamoDB. Conflicts and unprocessed items are retried with jitter. Outages become typed errors."""

import time
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from botocore.exceptions import ClientError

from latchhook import aws
from latchhook.dependency_errors import ConflictRetriesExhaustedError, DependencyUnavailableError
from latchhook.storage.attributes import Item, from_item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = 8
_FIRST_WAIT_SECONDS = 0.02
_LONGEST_WAIT_SECONDS = 0.5
_CONFLICTS = ("TransactionConflictException", "TransactionInProgressException")
_PASSING = {"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
"""Cancellation reasons after which a transaction is retried. A key under heavy use can therefore be revoked."""

_TRIED_AGAIN = {
    "InternalServerError",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "ThrottlingError",
    "TransactionConflict",
}
"""Error codes after which a statement of a batch is retried (DynamoDB API reference, BatchStatementError)."""

BATCH_GET_LIMIT = 100
BATCH_WRITE_LIMIT = 25


class ConditionFailedError(Exception):
    """The condition of a write was false. `item` is the stored item, or None if there is none.

    `position` is the index of the failed write in its transaction. `positions` are the indexes of all failed writes.
    """

    def __init__(self, item: dict[str, Any] | None, positions: Sequence[int] = (0,)) -> None:
        super().__init__("condition failed")
        self.item = item
        self.position = positions[0]
        self.positions = positions


Inserted = Literal["inserted", "exists"] | DependencyUnavailableError
"""The result of inserting one item: it was inserted, an item with its key exists, or an outage."""


class Database:
    """Access to DynamoDB for all tables. A failed call is repeated once after at most 20 ms.

    DynamoDB refuses a write that conflicts with a transaction on the same item, and may refuse the transaction. The SDK
    retries neither of them, nor a throttled transaction. This class retries all three with full jitter.
    """

    def __init__(self, client: "DynamoDBClient", *, rng: Random, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._rng = rng
        self._sleep = sleep

    def get(self, table: str, key: Item) -> dict[str, Any] | None:
        """Read one item by primary key, strongly consistent. None if it does not exist."""
        response = self._call(self._client.get_item, TableName=table, Key=key, ConsistentRead=True)
        return from_item(response["Item"]) if "Item" in response else None

    def query(self, **arguments: Any) -> Mapping[str, Any]:
        """Read one page of a query. Return DynamoDB's response."""
        return self._call(self._client.query, **arguments)

    def put(self, table: str, item: Item, *, condition: str | None = None, **values: Any) -> None:
        """Put an item. Raises `ConditionFailedError` with the stored item.

        `values` are the client's arguments for the names and values of the condition.
        """
        arguments: dict[str, Any] = {"TableName": table, "Item": item, **values}
        if condition:
            arguments["ConditionExpression"] = condition
            arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        self._conditional(self._client.put_item, arguments)

    def update(self, table: str, key: Item, **arguments: Any) -> dict[str, Any]:
        """Update an item and return the new item. Raises `ConditionFailedError` with the stored item."""
        response = self._conditional(
            self._client.update_item,
            {
                "TableName": table,
                "Key": key,
                "ReturnValues": "ALL_NEW",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                **arguments,
            },
        )
        return from_item(response["Attributes"])

    def transact(self, *writes: Mapping[str, Any]) -> None:
        """Do all writes or none.

        Raises `ConditionFailedError` with the item of the first failed condition, and `ConflictRetriesExhaustedError`.
        """
        for attempt in range(_ATTEMPTS):
            try:
                self._call(
                    self._client.transact_write_items,
                    expect=("TransactionCanceledException", *_CONFLICTS),
                    TransactItems=list(writes),
                    # A repeated call has the same token, so a transaction whose response was lost is not done twice.
                    ClientRequestToken=str(UUID(int=self._rng.getrandbits(128), version=4)),
                )
            except ClientError as error:
                self._raise_for_conditions(error)
            else:
                return
            self._wait(attempt)
        raise ConflictRetriesExhaustedError("transact_write_items: every call conflicted or was throttled")

    def batch_get(self, keys_by_table: Mapping[str, Sequence[Item]]) -> list[dict[str, Any]]:
        """Read the existing items of at most 100 keys in any tables, strongly consistent, in no order."""
        wanted: Any = {
            table: {"Keys": list(keys), "ConsistentRead": True} for table, keys in keys_by_table.items() if keys
        }
        found: list[dict[str, Any]] = []
        for attempt in range(_ATTEMPTS):
            if not wanted:
                return found
            if attempt:
                self._wait(attempt)
            response = self._call(self._client.batch_get_item, RequestItems=wanted)
            found += [from_item(item) for items in response["Responses"].values() for item in items]
            wanted = response.get("UnprocessedKeys")
        if wanted:
            raise DependencyUnavailableError("batch_get_item: unprocessed keys after the last retry")
        return found

    def insert(self, table: str, items: Sequence[Item]) -> list[Inserted]:
        """Insert at most 25 items with different keys in one call. Return the result of each item, in order.

        Each insert is a separate write, which fails if an item with its key exists. Only PartiQL has conditional writes
        in batches. A statement costs the same write units as a `put`.
        """
        statements = [_insertion(table, item) for item in items]
        codes: dict[int, str | None] = dict.fromkeys(range(len(items)))
        left = list(codes)
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._wait(attempt)
            some: Any = [statements[at] for at in left]
            responses = self._call(self._client.batch_execute_statement, Statements=some)["Responses"]
            codes |= {at: each.get("Error", {}).get("Code") for at, each in zip(left, responses, strict=True)}
            left = [at for at in left if codes[at] in _TRIED_AGAIN]
            if not left:
                break
        return [_inserted(code) for code in codes.values()]

    def batch_put(self, table: str, items: Sequence[Item]) -> None:
        """Put items, 25 per call. Existing items are replaced."""
        self._batch_write(table, [{"PutRequest": {"Item": item}} for item in items])

    def batch_delete(self, table: str, keys: Sequence[Item]) -> None:
        """Delete items, 25 per call. Missing items are ignored."""
        self._batch_write(table, [{"DeleteRequest": {"Key": key}} for key in keys])

    def _batch_write(self, table: str, requests: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(requests), BATCH_WRITE_LIMIT):
            left: Any = {table: requests[start : start + BATCH_WRITE_LIMIT]}
            for attempt in range(_ATTEMPTS):
                if attempt:
                    self._wait(attempt)
                left = self._call(self._client.batch_write_item, RequestItems=left).get("UnprocessedItems")
                if not left:
                    break
            else:
                raise DependencyUnavailableError("batch_write_item: unprocessed items after the last retry")

    def _conditional(self, operation: Callable[..., Any], arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        for attempt in range(_ATTEMPTS):
            try:
                return self._call(operation, expect=("ConditionalCheckFailedException", *_CONFLICTS), **arguments)
            except ClientError as error:
                if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                    item: Any = error.response.get("Item")
                    raise ConditionFailedError(from_item(item) if item else None) from None
            self._wait(attempt)
        raise DependencyUnavailableError(f"{operation.__name__}: every call conflicted")

    @staticmethod
    def _raise_for_conditions(error: ClientError) -> None:
        reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", ())
        codes = {reason.get("Code", "None") for reason in reasons}
        failed = [at for at, reason in enumerate(reasons) if reason.get("Code") == "ConditionalCheckFailed"]
        if failed:
            item = reasons[failed[0]].get("Item")
            raise ConditionFailedError(from_item(item) if item else None, failed) from None
        if codes - _PASSING:
            raise DependencyUnavailableError(f"transact_write_items: {', '.join(sorted(codes))}") from error

    def _call(self, operation: Callable[..., Any], /, **arguments: Any) -> Mapping[str, Any]:
        """Call `aws.call`. After a failure, repeat it once after a short pause."""
        try:
            return aws.call(operation, **arguments)
        except DependencyUnavailableError:
            self._wait(0)
        return aws.call(operation, **arguments)

    def _wait(self, attempt: int) -> None:
        self._sleep(self._rng.uniform(0, min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2**attempt)))


def _inserted(code: str | None) -> Inserted:
    """Convert a statement's error code, if any, to the result of the insert."""
    match code:
        case None:
            return "inserted"
        case "DuplicateItem":
            return "exists"
    return DependencyUnavailableError(f"batch_execute_statement: {code}")


def _insertion(table: str, item: Item) -> dict[str, Any]:
    """Build a PartiQL statement. Its text contains only attribute names of this package and no value."""
    values = ", ".join([f"'{name}': ?" for name in item])
    return {"Statement": f'INSERT INTO "{table}" VALUE {{{values}}}', "Parameters": list(item.values())}
