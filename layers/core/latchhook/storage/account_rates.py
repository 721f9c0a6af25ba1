"""Rate limits of an account's calls, in the table Settings: one item `RATE#<account>` / kind of call.

`fullAt` is the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371), in microseconds. It does not
depend on the limit, so a changed limit applies from the next call on.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from latchhook.clock import to_millis
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.rates import RateLimit, RateStanding, from_micros, to_micros
from latchhook.storage.attributes import to_item
from latchhook.storage.database import ConditionFailedError, Database

_ROUNDS = 8
_KEPT = timedelta(days=1)
"""Longer than any limit needs to recover its full burst. An item that expires by `ttl` no longer counts any call."""


class AccountRates:
    """Applies the rate limits to an account's calls."""

    def __init__(self, database: Database, *, table: str, limits: Mapping[str, RateLimit]) -> None:
        self._database = database
        self._table = table
        self.limits = limits

    def take(self, account_id: str, kind: str, *, now: datetime) -> int | None:
        """Count a call and return None. At the limit, count nothing and return the seconds until the next call.

        Needs one conditional write. After a recent call of the same kind it needs two, because an update cannot take
        the later of two times. Raises `DependencyUnavailableError`.
        """
        limit = self.limits[kind]
        idle = True
        for _ in range(_ROUNDS):
            try:
                self._database.update(
                    self._table,
                    to_item({"pk": f"RATE#{account_id}", "sk": kind}),
                    **_taking(limit, now, idle=idle),
                )
            except ConditionFailedError as failed:
                full_at = 0 if failed.item is None else int(failed.item["fullAt"])
                idle = full_at <= to_micros(now)
                wait = RateStanding(limit, full_at).retry_after_seconds(now)
                if wait:
                    return wait
            else:
                return None
        raise DependencyUnavailableError("update_item: the account's rate changed before every write")


def _taking(limit: RateLimit, now: datetime, *, idle: bool) -> dict[str, Any]:
    """Build the arguments of the update that counts a call if the limit allows it."""
    micros = to_micros(now)
    ttl = to_millis(from_micros(micros) + _KEPT) // 1000
    if idle:
        update, condition = ":now + :step", "attribute_not_exists(fullAt) OR fullAt <= :now"
        values = {":now": micros}
    else:
        update, condition = "fullAt + :step", "fullAt > :now AND fullAt <= :latest"
        values = {":now": micros, ":latest": micros + limit.tolerance_micros}
    return {
        "UpdateExpression": f"SET fullAt = {update}, #ttl = :ttl",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#ttl": "ttl"},
        "ExpressionAttributeValues": to_item({**values, ":step": limit.step_micros, ":ttl": ttl}),
    }
