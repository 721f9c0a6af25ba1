"""Items of which an account has a limited number (webhooks, profiles, keys): exact counters, and complete lists.

The counters are attributes of the account's item `ACCOUNT#<account>` / `COUNTERS` in the table Settings. The
transactions that add and delete items also change the counter.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from latchhook.clock import to_millis
from latchhook.pages import InvalidPositionError, Page, Position
from latchhook.storage.attributes import from_item, to_item
from latchhook.storage.database import Database

_COUNTERS = "COUNTERS"


class Created(Protocol):
    """An object of an account with its creation time."""

    @property
    def id(self) -> UUID:
        """The object's id."""

    @property
    def created_at(self) -> datetime:
        """The object's creation time."""


C = TypeVar("C", bound=Created)


def some_more(table: str, account_id: str, counter: str, count: int, *, limit: int) -> dict[str, Any]:
    """Build the write that increases a counter by `count`. Its condition fails if the counter would exceed `limit`."""
    return adjusted(table, account_id, {counter: count}, most={counter: limit})


def fewer(table: str, account_id: str, counter: str, count: int) -> dict[str, Any]:
    """Build the write that decreases a counter by `count`."""
    return adjusted(table, account_id, {counter: -count})


def one_more(table: str, account_id: str, counter: str, *, limit: int) -> dict[str, Any]:
    """Build the write that increases a counter by one. Its condition fails if the counter has reached `limit`."""
    return some_more(table, account_id, counter, 1, limit=limit)


def one_less(table: str, account_id: str, counter: str) -> dict[str, Any]:
    """Build the write that decreases a counter by one."""
    return fewer(table, account_id, counter, 1)


def adjusted(
    table: str,
    account_id: str,
    changes: Mapping[str, int],
    *,
    most: Mapping[str, int] | None = None,
    at_least: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Build the write that changes several counters together.

    Its condition fails if a counter would exceed its value in `most`, or fall below its value in `at_least`.
    """
    names = {f"#{counter}": counter for counter in changes}
    values = {f":{counter}": change for counter, change in changes.items()}
    conditions = []
    for counter, limit in (most or {}).items():
        values[f":most_{counter}"] = room = limit - changes[counter]
        no_count_yet = f"attribute_not_exists(#{counter}) OR " if room >= 0 else ""
        conditions.append(f"({no_count_yet}#{counter} <= :most_{counter})")
    for counter, limit in (at_least or {}).items():
        values[f":least_{counter}"] = limit - changes[counter]
        conditions.append(f"#{counter} >= :least_{counter}")
    update: dict[str, Any] = {
        "TableName": table,
        "Key": to_item({"pk": f"ACCOUNT#{account_id}", "sk": _COUNTERS}),
        "UpdateExpression": "ADD " + ", ".join(f"#{counter} :{counter}" for counter in changes),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": to_item(values),
    }
    if conditions:
        update["ConditionExpression"] = " AND ".join(conditions)
    return {"Update": update}


def all_items(database: Database, table: str, account_id: str, kind: str, *, limit: int) -> list[dict[str, Any]]:
    """Read all items of an account whose `sk` begins with `kind`, strongly consistent, in the order of `sk`.

    There are at most `limit` items. A query returns at most one megabyte per page, so all pages are read.
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
    """Return at most `limit` items after a position, newest first. Raises `InvalidPositionError`."""
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
