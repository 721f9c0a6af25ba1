"""What an account has a limited number of in the table Settings (webhooks, profiles): counted exactly, read whole.

The numbers are attributes of one item an account, `ACCOUNT#<account>` / `COUNTERS`, changed in the transactions that
add and delete.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from latchhook.clock import to_millis
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.storage.attributes import from_item, to_attribute, to_item
from latchhook.storage.database import Database

_COUNTERS = "COUNTERS"


class Created(Protocol):
    """What an account has since some moment."""

    @property
    def id(self) -> UUID:
        """Its own id."""

    @property
    def created_at(self) -> datetime:
        """When it was made."""


C = TypeVar("C", bound=Created)


def some_more(table: str, account_id: str, counter: str, count: int, *, limit: int) -> dict[str, Any]:
    """Counts `count` more, as one write of a transaction; its condition fails where that would be over `limit`."""
    write = _count(table, account_id, counter, count)
    no_count_yet = "attribute_not_exists(#counter) OR " if count <= limit else ""
    write["ConditionExpression"] = f"{no_count_yet}#counter <= :room"
    write["ExpressionAttributeValues"][":room"] = to_attribute(limit - count)
    return {"Update": write}


def fewer(table: str, account_id: str, counter: str, count: int) -> dict[str, Any]:
    """Counts `count` fewer, as one write of a transaction."""
    return {"Update": _count(table, account_id, counter, -count)}


def one_more(table: str, account_id: str, counter: str, *, limit: int) -> dict[str, Any]:
    """Counts one more, as one write of a transaction; its condition fails where there are `limit` already."""
    return some_more(table, account_id, counter, 1, limit=limit)


def one_less(table: str, account_id: str, counter: str) -> dict[str, Any]:
    """Counts one less, as one write of a transaction."""
    return fewer(table, account_id, counter, 1)


def all_items(database: Database, table: str, account_id: str, kind: str, *, limit: int) -> list[dict[str, Any]]:
    """All items of an account whose `sk` begins with `kind`, strongly consistent, in the order of `sk`.

    There are at most `limit`. One page of a query is at most a megabyte, and none may be missed.
    """
    found: list[dict[str, Any]] = []
    arguments: dict[str, Any] = {}
    while True:
        response = database.query(
            TableName=table,
            KeyConditionExpression="#pk = :pk AND begins_with(sk, :kind)",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues=to_item({":pk": f"ACCOUNT#{account_id}", ":kind": kind}),
            ConsistentRead=True,
            Limit=limit,
            **arguments,
        )
        found += [from_item(item) for item in response["Items"]]
        if "LastEvaluatedKey" not in response or len(found) >= limit:
            return found
        arguments["ExclusiveStartKey"] = response["LastEvaluatedKey"]


def page_of(items: Iterable[C], *, limit: int, after: Position | None) -> Page[C]:
    """At most `limit` of all these things after a position, newest first; raises `InvalidPositionError`."""
    found = sorted(items, key=_place, reverse=True)
    if after is not None:
        start = _read_position(after)
        found = [thing for thing in found if _place(thing) < start]
    shown = tuple(found[:limit])
    return Page(shown, _position(shown[-1]) if len(found) > limit else None)


def _place(thing: Created) -> tuple[int, str]:
    return to_millis(thing.created_at), str(thing.id)


def _position(thing: Created) -> Position:
    millis, object_id = _place(thing)
    return str(millis), object_id


def _read_position(position: Position) -> tuple[int, str]:
    try:
        millis, object_id = position
        return int(millis), str(UUID(object_id))
    except ValueError:
        raise InvalidPositionError from None


def _count(table: str, account_id: str, counter: str, change: int) -> dict[str, Any]:
    return {
        "TableName": table,
        "Key": to_item({"pk": f"ACCOUNT#{account_id}", "sk": _COUNTERS}),
        "UpdateExpression": "ADD #counter :change",
        "ExpressionAttributeNames": {"#counter": counter},
        "ExpressionAttributeValues": to_item({":change": change}),
    }
