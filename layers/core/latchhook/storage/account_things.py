"""What an account has a limited number of in the table Settings (webhooks, profiles): counted exactly, read whole.

The numbers are attributes of one item an account, `ACCOUNT#<account>` / `COUNTERS`, changed in the transactions that
add and delete.
"""

from typing import Any

from latchhook.storage.attributes import from_item, to_attribute, to_item
from latchhook.storage.database import Database

_COUNTERS = "COUNTERS"


def one_more(table: str, account_id: str, counter: str, *, limit: int) -> dict[str, Any]:
    """Counts one more, as one write of a transaction; its condition fails where there are `limit` already."""
    write = _count(table, account_id, counter, 1)
    write["ConditionExpression"] = "attribute_not_exists(#counter) OR #counter < :limit"
    write["ExpressionAttributeValues"][":limit"] = to_attribute(limit)
    return {"Update": write}


def one_less(table: str, account_id: str, counter: str) -> dict[str, Any]:
    """Counts one less, as one write of a transaction."""
    return {"Update": _count(table, account_id, counter, -1)}


def all_things(database: Database, table: str, account_id: str, kind: str, *, limit: int) -> list[dict[str, Any]]:
    """All items of an account whose `thing` begins with `kind`, strongly consistent, in the order of `thing`.

    There are at most `limit`. One page of a query is at most a megabyte, and none may be missed.
    """
    found: list[dict[str, Any]] = []
    arguments: dict[str, Any] = {}
    while True:
        answer = database.query(
            TableName=table,
            KeyConditionExpression="#owner = :owner AND begins_with(thing, :kind)",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues=to_item({":owner": f"ACCOUNT#{account_id}", ":kind": kind}),
            ConsistentRead=True,
            Limit=limit,
            **arguments,
        )
        found += [from_item(item) for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer or len(found) >= limit:
            return found
        arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _count(table: str, account_id: str, counter: str, change: int) -> dict[str, Any]:
    return {
        "TableName": table,
        "Key": to_item({"owner": f"ACCOUNT#{account_id}", "thing": _COUNTERS}),
        "UpdateExpression": "ADD #counter :change",
        "ExpressionAttributeNames": {"#counter": counter},
        "ExpressionAttributeValues": to_item({":change": change}),
    }
