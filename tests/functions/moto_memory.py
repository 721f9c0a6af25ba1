"""Reads of moto's memory. An API call of the tests for the same data costs a hundred times as much."""

import json
from collections.abc import Sequence
from typing import Any

from moto.backends import get_backend
from moto.dynamodb.models.utilities import dynamo_json_dump, dynamo_to_dict

from tests.functions.environment import AWS_ACCOUNT, REGION


def messages(queue: str) -> int:
    """Return the number of messages in a queue: visible, delayed or in flight."""
    return len(get_backend("sqs")[AWS_ACCOUNT][REGION].queues[queue]._messages)


def schedules() -> Sequence[str]:
    """Return the names of all schedules."""
    groups = get_backend("scheduler")[AWS_ACCOUNT][REGION].schedule_groups
    return [name for group in groups.values() for name in group.schedules]


def items(table: str) -> list[dict[str, Any]]:
    """Return all items of a table as its API does, with typed attributes."""
    return [dynamo_to_dict(item.attrs) for item in _table(table).all_items()]


def stream_records(table: str, *, after: str | None) -> list[dict[str, Any]]:
    """Return the records of a table's stream after a sequence number, in the form of a worker's event."""
    stored = _table(table)
    records = [each.record for each in stored.stream_shard.items]
    if after is not None:
        records = [each for each in records if int(each["dynamodb"]["SequenceNumber"]) > int(after)]
    # The copy protects moto's records from changes by workers.
    copies: list[dict[str, Any]] = json.loads(dynamo_json_dump(records))
    for copied in copies:
        change = copied["dynamodb"]
        change["ApproximateCreationDateTime"] = int(change["ApproximateCreationDateTime"])  # seconds, as in Lambda
        copied["eventSourceARN"] = f"{stored.table_arn}/stream/{stored.latest_stream_label}"
    return copies


def _table(name: str) -> Any:
    return get_backend("dynamodb")[AWS_ACCOUNT][REGION].tables[name]
