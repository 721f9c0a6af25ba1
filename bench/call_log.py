"""Which AWS calls our own clients make while something runs, and what DynamoDB says that they consume."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any, Self

import boto3

from latchhook import aws

_WRITES = {"PutItem", "UpdateItem", "DeleteItem"}
_TRANSACTION = "items of a transaction"
_STATEMENTS = "statements of a batch"


@dataclass
class CallLog:
    """Counts while the context lasts. Every request that leaves a client counts, repeated ones too."""

    calls: list[str] = field(default_factory=list)
    """`service:Operation`, in order."""
    item_writes: int = 0
    """Items that DynamoDB was asked to write; each of a transaction's counts."""
    write_units: float = 0
    read_units: float = 0
    """Consumed capacity, indexes included; 0 where the database does not tell."""

    def __enter__(self) -> Self:
        for client in _clients():
            client.meta.events.register("provide-client-params", self._before, unique_id="call-log-params")
            # First, because whoever answers in AWS's place ends the round.
            client.meta.events.register_first("before-send", self._sending, unique_id="call-log-send")
            client.meta.events.register("after-call", self._after, unique_id="call-log-after")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in _clients():
            client.meta.events.unregister("provide-client-params", unique_id="call-log-params")
            client.meta.events.unregister("before-send", unique_id="call-log-send")
            client.meta.events.unregister("after-call", unique_id="call-log-after")

    def count(self, service: str) -> int:
        """How many calls went to a service."""
        return sum(call.startswith(service + ":") for call in self.calls)

    def _before(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> dict[str, Any] | None:
        if model.service_model.service_name != "dynamodb":
            return None
        if model.name in _WRITES:
            self.item_writes += 1
        elif model.name == "TransactWriteItems":
            self.item_writes += len(params["TransactItems"])
            context[_TRANSACTION] = len(params["TransactItems"])
        elif model.name == "BatchWriteItem":
            self.item_writes += sum(map(len, params["RequestItems"].values()))
        elif model.name == "BatchExecuteStatement":
            self.item_writes += len(params["Statements"])
            context[_STATEMENTS] = params["Statements"]
        return {**params, "ReturnConsumedCapacity": "TOTAL"}

    def _sending(self, event_name: str, **_: Any) -> None:
        service, operation = event_name.split(".")[1:]
        self.calls.append(f"{service}:{operation}")

    def _after(self, parsed: Mapping[str, Any], model: Any, context: Mapping[str, Any], **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        units = sum(each["CapacityUnits"] for each in (consumed if isinstance(consumed, list) else [consumed]))
        if model.name == "TransactWriteItems":
            # Each item is written twice. DynamoDB Local tells of one item where several are of one table.
            self.write_units += max(units, 2 * context[_TRANSACTION])
        elif model.name == "BatchWriteItem":
            self.write_units += units
        elif model.name == "BatchExecuteStatement":
            self.write_units += sum(_units_of_insert(each) for each in context[_STATEMENTS])
        elif model.name in _WRITES:
            # A refused write costs one unit, too, and does not say so.
            refused = parsed.get("Error", {}).get("Code") == "ConditionalCheckFailedException"
            self.write_units += 1 if refused else units
        else:
            self.read_units += units


def _units_of_insert(statement: Mapping[str, Any]) -> float:
    """DynamoDB Local does not tell: what the same item consumes when it is deleted and put."""
    table, names = statement["Statement"].split('"')[1], re.findall(r"'([^']+)': \?", statement["Statement"])
    item = dict(zip(names, statement["Parameters"], strict=True))
    client = _unwatched()
    client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    response = client.put_item(TableName=table, Item=item, ReturnConsumedCapacity="TOTAL")
    return float(response.get("ConsumedCapacity", {}).get("CapacityUnits", 0))


@cache
def _unwatched() -> Any:
    return boto3.client("dynamodb")


def _clients() -> list[Any]:
    return [aws.dynamodb(), aws.sqs(), aws.kms(), aws.scheduler()]
