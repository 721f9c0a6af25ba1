"""Clients of Amazon's DynamoDB Local, each with tables that no other client sees."""

from typing import TYPE_CHECKING, cast
from uuid import uuid4

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


_SESSION = boto3.session.Session()
"""One for all clients: it remembers what it read of AWS's models."""


def new_client(url: str, *, connections: int = 32) -> "DynamoDBClient":
    """A client of an empty DynamoDB: the server keeps the tables of each access key id apart."""
    client = _SESSION.client(
        "dynamodb",
        endpoint_url=url,
        aws_access_key_id=uuid4().hex,
        aws_secret_access_key="any",
        config=Config(retries={"mode": "standard", "max_attempts": 3}, max_pool_connections=connections),
    )
    return cast("DynamoDBClient", client)
