"""The tables declared in template.yaml. The storage tests run on these tables."""

import boto3
from moto import mock_aws

from tests.dynamodb_local_clients import new_client
from tests.template_tables import API_KEYS, DELIVERIES, SETTINGS, create_tables


@mock_aws
def test_every_declared_table_is_created_under_its_logical_id() -> None:
    client = boto3.client("dynamodb")

    create_tables(client)

    assert sorted(client.list_tables()["TableNames"]) == sorted([API_KEYS, DELIVERIES, SETTINGS])


@mock_aws
def test_stream_of_the_settings_table_is_created_as_declared() -> None:
    client = boto3.client("dynamodb")

    create_tables(client)

    assert client.describe_table(TableName=SETTINGS)["Table"]["StreamSpecification"] == {
        "StreamEnabled": True,
        "StreamViewType": "NEW_IMAGE",
    }


def test_every_declared_table_is_created_by_dynamodb_local(dynamodb_local_url: str) -> None:
    client = new_client(dynamodb_local_url)

    create_tables(client)

    assert sorted(client.list_tables()["TableNames"]) == sorted([API_KEYS, DELIVERIES, SETTINGS])
