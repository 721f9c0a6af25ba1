"""The slots of webhooks' attempts, in the table Deliveries.

Primary key `PACE#<webhook>` / `PACE`; `lastSlot` is the last slot that is taken, in microseconds, and the next free one
is a step later: the generic cell rate algorithm (ITU-T I.371). Its theoretical arrival time itself is not kept, since
there is the step in it, up to a day, of a limit that may be raised. An item of its own, since a busy webhook's is
written by every batch.
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
"""Longer than the furthest slot and the longest step after it: what goes by `ttl` holds nobody back."""


class WebhookPaces:
    """Every access to slots."""

    def __init__(self, database: Database, *, table: str) -> None:
        self._database = database
        self._table = table

    def next_free(self, webhook_id: UUID, *, step_micros: int, now: datetime) -> datetime:
        """The next free slot, strongly consistent: one read; none is taken."""
        item = self._database.get(self._table, _key(webhook_id))
        return now if item is None else max(now, from_micros(int(item["lastSlot"]) + step_micros))

    def reserve(
        self, webhook_id: UUID, count: int, *, step_micros: int, guard_micros: int = 0, now: datetime, until: datetime
    ) -> Sequence[datetime]:
        """The next free slots, at most `count`; see `pacing.Slots`. One write, two where the webhook is not idle.

        An update can't take the later of two moments, so it has two forms (decision 0009): idle starts from now, busy
        goes on from the last slot. Where others take so many at once that it does not come to an end, there is none.
        The last slot's guard is kept as if the slot were so much later.
        """
        earliest, latest, apart = to_micros(now), to_micros(until), step_micros + guard_micros
        next_free = earliest
        for _ in range(_ROUNDS):
            fitting = min(count, (latest - max(next_free, earliest)) // apart + 1)
            if fitting < 1:
                break
            last = latest - step_micros - (fitting - 1) * apart
            try:
                item = self._database.update(
                    self._table,
                    _key(webhook_id),
                    **_taking(fitting * apart, step_micros, earliest, last, idle=next_free <= earliest),
                    ExpressionAttributeNames={"#ttl": "ttl"},
                )
            except ConditionFailedError as failed:
                next_free = earliest if failed.item is None else int(failed.item["lastSlot"]) + step_micros
                continue
            first = int(item["lastSlot"]) - fitting * apart + step_micros
            return [from_micros(first + number * apart) for number in range(fitting)]
        return ()


def _key(webhook_id: UUID) -> Item:
    return to_item({"pk": f"PACE#{webhook_id}", "sk": "PACE"})


def _taking(taken: int, step: int, earliest: int, last: int, *, idle: bool) -> dict[str, Any]:
    """The arguments of the update that takes slots for `taken` microseconds, the slot before them at most at `last`."""
    gone = to_millis(from_micros(earliest) + _KEPT) // 1000
    if idle:
        return {
            "UpdateExpression": "SET lastSlot = :then, #ttl = :ttl",
            "ConditionExpression": "attribute_not_exists(lastSlot) OR lastSlot <= :free",
            "ExpressionAttributeValues": to_item(
                {":then": earliest + taken - step, ":free": earliest - step, ":ttl": gone}
            ),
        }
    return {
        "UpdateExpression": "SET lastSlot = lastSlot + :more, #ttl = :ttl",
        "ConditionExpression": "lastSlot > :free AND lastSlot <= :last",
        "ExpressionAttributeValues": to_item({":more": taken, ":free": earliest - step, ":last": last, ":ttl": gone}),
    }
