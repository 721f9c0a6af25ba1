"""moto, on which the tests of functions run, makes the same decisions as DynamoDB Local."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.dynamodb_local_clients import new_client
from tests.template_tables import SETTINGS, create_tables

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture(params=["moto", "DynamoDB Local"])
def client(request: pytest.FixtureRequest) -> Iterator["DynamoDBClient"]:
    """A client of empty tables, on both in turn."""
    with mock_aws():
        local = request.param == "DynamoDB Local"
        made = new_client(request.getfixturevalue("dynamodb_local_url")) if local else boto3.client("dynamodb")
        create_tables(made)
        yield made


def _item(sort_key: str, **more: str) -> dict[str, Any]:
    return {name: {"S": value} for name, value in {"pk": "A", "sk": sort_key, **more}.items()}


def _put(sort_key: str, *, only_new: bool = False) -> Any:
    condition = {"ConditionExpression": "attribute_not_exists(pk)"} if only_new else {}
    return {"Put": {"TableName": SETTINGS, "Item": _item(sort_key), **condition}}


def _stored(client: "DynamoDBClient") -> list[str]:
    return sorted(item["sk"]["S"] for item in client.scan(TableName=SETTINGS)["Items"])


def test_cancelled_transaction_writes_nothing_and_names_its_reasons(client: "DynamoDBClient") -> None:
    client.put_item(TableName=SETTINGS, Item=_item("old"))

    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        client.transact_write_items(TransactItems=[_put("new"), _put("old", only_new=True)])

    reasons = caught.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert _stored(client) == ["old"]


def test_statement_inserts_only_new_items_and_reports_each(client: "DynamoDBClient") -> None:
    client.put_item(TableName=SETTINGS, Item=_item("old", value="kept"))

    text = f"INSERT INTO \"{SETTINGS}\" VALUE {{'pk': ?, 'sk': ?, 'value': ?}}"
    responses = client.batch_execute_statement(
        Statements=[
            {"Statement": text, "Parameters": [{"S": "A"}, {"S": each}, {"S": "new"}]} for each in ("new", "old")
        ]
    )["Responses"]

    assert [each.get("Error", {}).get("Code") for each in responses] == [None, "DuplicateItem"]
    items = {item["sk"]["S"]: item["value"]["S"] for item in client.scan(TableName=SETTINGS)["Items"]}
    assert items == {"new": "new", "old": "kept"}


def test_refused_update_returns_the_stored_item(client: "DynamoDBClient") -> None:
    client.put_item(TableName=SETTINGS, Item=_item("one", value="stored"))

    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as caught:
        client.update_item(
            TableName=SETTINGS,
            Key=_item("one"),
            UpdateExpression="SET #value = :new",
            ConditionExpression="#value = :other",
            ExpressionAttributeNames={"#value": "value"},
            ExpressionAttributeValues={":new": {"S": "new"}, ":other": {"S": "other"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    assert caught.value.response["Item"] == _item("one", value="stored")  # type: ignore[typeddict-item]


def test_parallel_updates_are_all_counted(client: "DynamoDBClient") -> None:
    def count(_: int) -> None:
        client.update_item(
            TableName=SETTINGS,
            Key=_item("one"),
            UpdateExpression="ADD #uses :one",
            ExpressionAttributeNames={"#uses": "uses"},
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(count, range(100)))

    item = client.get_item(TableName=SETTINGS, Key=_item("one"))["Item"]
    assert item["uses"] == {"N": "100"}


def test_item_above_400_kilobytes_is_refused(client: "DynamoDBClient") -> None:
    with pytest.raises(ClientError) as caught:
        client.put_item(TableName=SETTINGS, Item=_item("large", value="x" * 410_000))

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert _stored(client) == []
