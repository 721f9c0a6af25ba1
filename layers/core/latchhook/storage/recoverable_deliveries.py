"""Read the deliveries that a recovery can send again from the table Deliveries: attempted and missed deliveries.

Both are sorted by the time at which their events were accepted, because a delivery's id begins with this time.
"""

from collections.abc import Mapping, Set
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from latchhook.clock import to_millis
from latchhook.storage.attempt_items import attempt_key, attempts_pk
from latchhook.storage.attributes import from_item, to_item
from latchhook.storage.database import Database
from latchhook.storage.deliveries_table import missed_pk
from latchhook.webhooks.recovery_steps import Seen, SeenPage


class RecoverableDeliveries:
    """Reads deliveries for recoveries. All reads are strongly consistent, because a recovery reads each page once."""

    def __init__(self, database: Database, *, table: str) -> None:
        self._database = database
        self._table = table

    def attempted(
        self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None, limit: int
    ) -> SeenPage:
        """Return the deliveries after the delivery `after`, from at most `limit` attempts, with one query.

        If more attempts exist, a second query reads the newest attempt of the last delivery, which decides its state.
        """
        owner = attempts_pk(webhook_id)
        response = self._query(owner, _first(since, after), _end(until), limit)
        items = [from_item(item) for item in response["Items"]]
        more = "LastEvaluatedKey" in response
        groups = [list(group) for _, group in groupby(items, key=lambda item: item["sk"][:36])]
        if more and groups:
            delivery_id = groups[-1][-1]["sk"][:36]
            newest = self._query(owner, delivery_id, delivery_id + _AFTER_ATTEMPTS, 1, forward=False)
            groups[-1] += [from_item(item) for item in newest["Items"]]
        return SeenPage([_seen(group[0], group[-1]) for group in groups], more)

    def missed(self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None, limit: int) -> SeenPage:
        """Return at most `limit` missed deliveries after the delivery `after`, with one query and one batch read."""
        response = self._query(missed_pk(webhook_id), _first(since, after), _end(until), limit)
        items = [from_item(item) for item in response["Items"]]
        keys = [attempt_key(webhook_id, UUID(item["sk"]), 1) for item in items]
        made = self._database.batch_get({self._table: keys}, attribute="sk")
        attempted = {each["sk"][:36] for each in made}
        return SeenPage([_missed(item, attempted) for item in items], "LastEvaluatedKey" in response)

    def _query(self, owner: str, first: str, end: str, limit: int, *, forward: bool = True) -> Mapping[str, Any]:
        return self._database.query(
            TableName=self._table,
            KeyConditionExpression="#pk = :pk AND sk BETWEEN :first AND :end",
            ProjectionExpression="sk, eventId, #status, #trigger",
            ExpressionAttributeNames={"#pk": "pk", "#status": "status", "#trigger": "trigger"},
            ExpressionAttributeValues=to_item({":pk": owner, ":first": first, ":end": end}),
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


def _missed(item: Mapping[str, Any], attempted: Set[str]) -> Seen:
    attempts = 1 if item["sk"] in attempted else 0
    return Seen(UUID(item["sk"]), item["eventId"], attempts, failed=False, is_test=False)
