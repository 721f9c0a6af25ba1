"""The tests' reads of moto's memory return the same data as moto's API."""

from collections.abc import Mapping
from typing import Any

import boto3

from latchhook.storage.attributes import from_item
from tests.functions import moto_memory
from tests.functions.cloud import Cloud
from tests.template_tables import SETTINGS


def records_from_api(after: str | None) -> list[Mapping[str, Any]]:
    """Return the records of the settings table in the form of a worker's event."""
    streams = boto3.client("dynamodbstreams")
    arn = boto3.client("dynamodb").describe_table(TableName=SETTINGS)["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    start: Any = {"ShardIteratorType": "TRIM_HORIZON"}
    if after is not None:
        start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], **start)["ShardIterator"]
    records: Any = streams.get_records(ShardIterator=iterator)["Records"]
    for record in records:
        change = record["dynamodb"]
        change["ApproximateCreationDateTime"] = int(change["ApproximateCreationDateTime"].timestamp())
    return [{**record, "eventSourceARN": arn} for record in records]


def test_items_equal_a_scan(cloud: Cloud) -> None:
    values = {
        "number": 1,
        "secret": b"\x00\xff",
        "list": ["first", 2, b"\x00"],
        "map": {"is": True, "in": {"a": b"\xff"}},
    }
    cloud.put(SETTINGS, {"pk": "ACCOUNT#acme", "sk": "WEBHOOK#1", **values})
    (item,) = moto_memory.items(SETTINGS)
    assert [item] == cloud.dynamodb.scan(TableName=SETTINGS)["Items"]
    assert from_item(item).items() >= values.items()


def test_stream_records_equal_the_streams_api(cloud: Cloud) -> None:
    cloud.put(SETTINGS, {"pk": "ACCOUNT#acme", "sk": "WEBHOOK#1", "count": 1, "labels": ["first"]})
    cloud.change_webhook("acme", "1", labels=["first", "second"])
    records = moto_memory.stream_records(SETTINGS, after=None)
    assert len(records) == 2
    assert records == records_from_api(None)
    first = records[0]["dynamodb"]["SequenceNumber"]
    assert moto_memory.stream_records(SETTINGS, after=first) == records_from_api(first) == records[1:]


def test_stream_records_contain_binary_values_in_base64(cloud: Cloud) -> None:
    """Lambda's events are JSON."""
    cloud.put(SETTINGS, {"pk": "ACCOUNT#acme", "sk": "WEBHOOK#1", "secret": b"\x00\xff"})
    (record,) = moto_memory.stream_records(SETTINGS, after=None)
    assert record["dynamodb"]["NewImage"]["secret"] == {"B": "AP8="}
