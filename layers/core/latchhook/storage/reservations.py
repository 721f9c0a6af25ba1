"""The rate limiter of webhooks: reservations of times for attempts, in the table Deliveries.

The item is `RESERVATIONS#<webhook>` / `LAST`. `lastReserved` is the last reserved time, in microseconds. The next free
time is one interval later (generic cell rate algorithm, ITU-T I.371). The theoretical arrival time is not stored: it
includes the interval of the current limit, up to a day, and the limit may be raised. The item is separate from the
webhook's item, because every batch of a busy webhook writes it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from latchhook.clock import to_millis
from latchhook.rates import from_micros, to_micros
from latchhook.storage.attributes import Item, to_item
from latchhook.storage.database import ConditionFailedError, Database

_ROUNDS = 8
_KEPT = timedelta(days=3)
"""Longer than the latest reservation and the longest interval. An expired item no longer limits any attempt."""


class ReservationsTable:
    """Reads and makes reservations."""

    def __init__(self, database: Database, *, table: str) -> None:
        self._database = database
        self._table = table

    def next_free(self, webhook_id: UUID, *, interval_micros: int, now: datetime) -> datetime:
        """Return the next free time without a reservation, with one strongly consistent read."""
        item = self._database.get(self._table, _key(webhook_id))
        return now if item is None else max(now, from_micros(int(item["lastReserved"]) + interval_micros))

    def reserve(
        self,
        webhook_id: UUID,
        count: int,
        *,
        interval_micros: int,
        guard_micros: int = 0,
        now: datetime,
        until: datetime,
    ) -> Sequence[datetime]:
        """Reserve the next free times, at most `count`. See `ports.Reservations`.

        Needs one write, or two if the webhook is not idle. An update cannot take the later of two times, so it has two
        variants (decision 0009): idle starts now, busy starts after the last reservation. After too many conflicts with
        other workers, the result is empty. The guard after the last reservation is stored by moving `lastReserved`.
        """
        earliest, latest, apart = to_micros(now), to_micros(until), interval_micros + guard_micros
        next_free = earliest
        for _ in range(_ROUNDS):
            fitting = min(count, (latest - max(next_free, earliest)) // apart + 1)
            if fitting < 1:
                break
            last = latest - interval_micros - (fitting - 1) * apart
            try:
                item = self._database.update(
                    self._table,
                    _key(webhook_id),
                    **_taking(fitting * apart, interval_micros, earliest, last, idle=next_free <= earliest),
                    ExpressionAttributeNames={"#ttl": "ttl"},
                )
            except ConditionFailedError as failed:
                next_free = earliest if failed.item is None else int(failed.item["lastReserved"]) + interval_micros
                continue
            first = int(item["lastReserved"]) - fitting * apart + interval_micros
            return [from_micros(first + number * apart) for number in range(fitting)]
        return ()


def _key(webhook_id: UUID) -> Item:
    return to_item({"pk": f"RESERVATIONS#{webhook_id}", "sk": "LAST"})


def _taking(taken: int, interval: int, earliest: int, last: int, *, idle: bool) -> dict[str, Any]:
    """Build the update that reserves `taken` microseconds. The previous reservation must not be later than `last`."""
    gone = to_millis(from_micros(earliest) + _KEPT) // 1000
    if idle:
        return {
            "UpdateExpression": "SET lastReserved = :then, #ttl = :ttl",
            "ConditionExpression": "attribute_not_exists(lastReserved) OR lastReserved <= :free",
            "ExpressionAttributeValues": to_item(
                {":then": earliest + taken - interval, ":free": earliest - interval, ":ttl": gone}
            ),
        }
    return {
        "UpdateExpression": "SET lastReserved = lastReserved + :more, #ttl = :ttl",
        "ConditionExpression": "lastReserved > :free AND lastReserved <= :last",
        "ExpressionAttributeValues": to_item(
            {":more": taken, ":free": earliest - interval, ":last": last, ":ttl": gone}
        ),
    }
