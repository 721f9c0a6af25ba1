"""Access to DynamoDB."""

from functools import cache

from latchhook import aws
from latchhook.bootstrap.environment import rng
from latchhook.storage.database import Database


@cache
def database() -> Database:
    """Access to DynamoDB."""
    return Database(aws.dynamodb(), rng=rng())
