"""Read the deliveries that a recovery can send again from the table Deliveries: attempted deliveries, and deliveries
that a disabled webhook missed.

Both are sorted by the time at which their events were accepted, because a delivery's id begins with this time.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from latchhook.clock import to_millis
from latchhook.storage.attempt_items import attempts_pk
from latchhook.storage.attributes import from_item, to_item
from latchhook.storage.database import Database
from latchhook.storage.parked_deliveries import DISABLED, ParkedDeliveriesTable, parked_pk
from latchhook.webhooks.recovery_scan import Seen

PAGE = 50


class RecoverableDeliveries:
    """Reads deliveries for recoveries. All reads are strongly consistent, because a recovery reads each page once."""

    def __init__(self, database: Database, parked: ParkedDeliveriesTable, *, table: str) -> None:
        self._database = database
        self._parked = parked
        self._table = table

    def attempted(self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None) -> Iterator[Seen]:
        """Yield the deliveries with attempts after the delivery `after`, with one query for each 50 attempts.

        A second query reads the newest attempt of a page's last delivery, which decides its state.
        """
        pk, more = attempts_pk(webhook_id), True
        while more:
            items, more = self._page(pk, _first(since, after), _end(until))
            groups = [list(group) for _, group in groupby(items, key=lambda item: item["sk"][:36])]
            if more and groups:
                delivery_id = groups[-1][-1]["sk"][:36]
                newest = self._query(pk, delivery_id, delivery_id + _AFTER_ATTEMPTS, 1, forward=False)
                groups[-1] += [from_item(item) for item in newest["Items"]]
            for group in groups:
                seen = _seen(group[0], group[-1])
                after = seen.delivery_id
                yield seen

    def missed(self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None) -> Iterator[Seen]:
        """Yield the missed deliveries after the delivery `after`, with one query for each 50."""
        more = True
        while more:
            first, end = f"{DISABLED}{_first(since, after)}", f"{DISABLED}{_end(until)}"
            items, more = self._page(parked_pk(webhook_id), first, end)
            for item in items:
                key = item["sk"]
                after = UUID(key.removeprefix(DISABLED).partition("#")[0])
                yield Seen(after, item["eventId"], attempts=0, failed=False, is_test=False, parked_key=key)

    def delete_missed(self, webhook_id: UUID, keys: Sequence[str]) -> None:
        """Delete missed deliveries. One batch write deletes 25."""
        self._parked.delete(webhook_id, keys)

    def _page(self, pk: str, first: str, end: str) -> tuple[list[dict[str, Any]], bool]:
        response = self._query(pk, first, end, PAGE)
        return [from_item(item) for item in response["Items"]], "LastEvaluatedKey" in response

    def _query(self, pk: str, first: str, end: str, limit: int, *, forward: bool = True) -> Mapping[str, Any]:
        return self._database.query(
            TableName=self._table,
            KeyConditionExpression="#pk = :pk AND sk BETWEEN :first AND :end",
            ProjectionExpression="sk, eventId, #status, #trigger",
            ExpressionAttributeNames={"#pk": "pk", "#status": "status", "#trigger": "trigger"},
            ExpressionAttributeValues=to_item({":pk": pk, ":first": first, ":end": end}),
            ScanIndexForward=forward,
            ConsistentRead=True,
            Limit=limit,
        )


_AFTER_ATTEMPTS = "$"
"""The character after `#`. A sort key has `#` between the delivery's id and the attempt's number."""


def _first(since: datetime, after: UUID | None) -> str:
    """The sort key at which a page begins: after all attempts of the delivery `after`, or at the time `since`."""
    return _place(to_millis(since)) if after is None else f"{after}{_AFTER_ATTEMPTS}"


def _end(until: datetime) -> str:
    """The sort key after all deliveries of the millisecond `until`. It is only the beginning of an id, never an id."""
    return _place(to_millis(until) + 1)


def _place(millis: int) -> str:
    """The beginning of the ids of a millisecond. A time before 1970 comes before all ids."""
    digits = f"{max(0, millis):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def _seen(oldest: Mapping[str, Any], newest: Mapping[str, Any]) -> Seen:
    delivery_id, _, number = newest["sk"].partition("#")
    return Seen(
        delivery_id=UUID(delivery_id),
        event_id=newest["eventId"],
        attempts=int(number),
        failed=newest["status"] == "failed",
        is_test=oldest["trigger"] == "test",
    )
