"""Record the AWS calls of our own clients and the capacity that DynamoDB reports for them."""

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
    """Counts calls while the context lasts. Every request that leaves a client counts, including SDK retries."""

    calls: list[str] = field(default_factory=list)
    """`service:Operation`, in order."""
    item_writes: int = 0
    """Items in write requests to DynamoDB. Each item of a transaction counts."""
    write_units: float = 0
    read_units: float = 0
    """Consumed capacity with indexes, or 0 where the database does not report it."""

    def __enter__(self) -> Self:
        for client in _clients():
            client.meta.events.register("provide-client-params", self._before, unique_id="call-log-params")
            # Registered first, because moto's own handler answers the request and ends the handler chain.
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
        """Count the calls to a service."""
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
            # A transaction writes each item twice. DynamoDB Local reports one item per table.
            self.write_units += max(units, 2 * context[_TRANSACTION])
        elif model.name == "BatchWriteItem":
            self.write_units += units
        elif model.name == "BatchExecuteStatement":
            self.write_units += sum(_units_of_insert(each) for each in context[_STATEMENTS])
        elif model.name in _WRITES:
            # A refused write also costs one unit, which the response does not report.
            refused = parsed.get("Error", {}).get("Code") == "ConditionalCheckFailedException"
            self.write_units += 1 if refused else units
        else:
            self.read_units += units


def _units_of_insert(statement: Mapping[str, Any]) -> float:
    """Measure an insert, which DynamoDB Local does not report, by deleting and putting the same item."""
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
