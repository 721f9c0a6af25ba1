"""Read pages of one partition, newest first. The sort keys must be ordered by time."""

import re
from typing import Any

from latchhook.pages import InvalidPositionError, Position
from latchhook.storage.attributes import from_item, to_item
from latchhook.storage.database import Database


def newest_first(
    database: Database,
    table: str,
    owner: str,
    *,
    limit: int,
    after: Position | None,
    thing: re.Pattern[str],
    is_consistent: bool = False,
) -> tuple[list[dict[str, Any]], bool]:
    """Return at most `limit` items after a position, and whether more may exist, with one query.

    Raises `InvalidPositionError` for a position that is not a sort key of the form `thing`.
    """
    arguments: dict[str, Any] = {"ConsistentRead": True} if is_consistent else {}
    if after is not None:
        if len(after) != 1 or not thing.fullmatch(after[0]):
            raise InvalidPositionError
        arguments["ExclusiveStartKey"] = to_item({"pk": owner, "sk": after[0]})
    response = database.query(
        TableName=table,
        KeyConditionExpression="#pk = :pk",
        ExpressionAttributeNames={"#pk": "pk"},
        ExpressionAttributeValues=to_item({":pk": owner}),
        ScanIndexForward=False,
        Limit=limit,
        **arguments,
    )
    return [from_item(item) for item in response["Items"]], "LastEvaluatedKey" in response
