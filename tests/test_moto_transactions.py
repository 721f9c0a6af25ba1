"""moto's writes are atomic: transactions change all their items or none, and parallel updates are all kept."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.template_tables import SETTINGS, create_tables

KEY = {"pk": {"S": "ACCOUNT#a"}, "sk": {"S": "WEBHOOK#1"}}
LATER = {"pk": {"S": "ACCOUNT#a"}, "sk": {"S": "WEBHOOK#2"}}


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("dynamodb")
        create_tables(client)
        client.put_item(TableName=SETTINGS, Item={**KEY, "labels": {"L": [{"S": "first"}]}})
        yield client


def items(dynamodb: Any) -> list[Any]:
    return list(dynamodb.scan(TableName=SETTINGS)["Items"])


def records(dynamodb: Any) -> list[tuple[str, Any]]:
    streams = boto3.client("dynamodbstreams")
    arn = dynamodb.describe_table(TableName=SETTINGS)["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    start = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = streams.get_shard_iterator(StreamArn=arn, **start)["ShardIterator"]
    read = streams.get_records(ShardIterator=iterator)["Records"]
    return [(each["eventName"], each["dynamodb"].get("NewImage")) for each in read]


def update(names: list[str]) -> dict[str, Any]:
    values = {":names": {"L": [{"S": name} for name in names]}}
    expression = "SET labels = list_append(labels, :names)"
    return {"TableName": SETTINGS, "Key": KEY, "UpdateExpression": expression, "ExpressionAttributeValues": values}


def test_failed_transaction_leaves_items_and_stream_unchanged(dynamodb: Any) -> None:
    before = items(dynamodb), records(dynamodb)
    refused = {"TableName": SETTINGS, "Key": LATER, "ConditionExpression": "attribute_exists(sk)"}
    writes = [
        {"Update": update(["second"])},
        {"Put": {"TableName": SETTINGS, "Item": {**LATER, "sk": {"S": "WEBHOOK#3"}}}},
        {"ConditionCheck": refused},
    ]
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=writes)
    assert (items(dynamodb), records(dynamodb)) == before


def test_table_accepts_writes_after_a_failed_transaction(dynamodb: Any) -> None:
    test_failed_transaction_leaves_items_and_stream_unchanged(dynamodb)
    dynamodb.transact_write_items(TransactItems=[{"Update": update(["second"])}])
    (item,) = items(dynamodb)
    assert item["labels"] == {"L": [{"S": "first"}, {"S": "second"}]}
    assert [name for name, _ in records(dynamodb)] == ["INSERT", "MODIFY"]


def test_stream_record_keeps_the_item_as_written(dynamodb: Any) -> None:
    for name in ("second", "third"):
        dynamodb.update_item(**update([name]))
    assert [len(image["labels"]["L"]) for _, image in records(dynamodb)] == [1, 2, 3]


def test_parallel_updates_of_an_item_are_all_kept(dynamodb: Any) -> None:
    form = {"UpdateExpression": "ADD uses :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: dynamodb.update_item(TableName=SETTINGS, Key=KEY, **form), range(100)))
    assert items(dynamodb)[0]["uses"] == {"N": "100"}
