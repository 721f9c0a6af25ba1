"""Clients of DynamoDB Local, each with its own tables."""

from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


_SESSION = boto3.session.Session()
"""Shared by all clients, because it caches AWS's models."""


def new_client(url: str, *, connections: int = 32) -> "DynamoDBClient":
    """Return a client of an empty DynamoDB. The server separates the tables by access key id."""
    return _SESSION.client(
        "dynamodb",
        endpoint_url=url,
        aws_access_key_id=uuid4().hex,
        aws_secret_access_key="any",
        config=Config(retries={"mode": "standard", "max_attempts": 3}, max_pool_connections=connections),
    )
