"""How many times a key may be used: credits, as settings and as they stand.

The store decides inside the one write that counts a use, so they are exact under any number of callers; rate limits,
which that write holds to as well, are in `rates`.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

MAX_CREDITS = 10**12
MAX_COST = 1_000_000
"""Credits that one verification may spend."""

Interval = Literal["daily", "monthly"]

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Refill:
    """Credits are set to `amount` at the start of each UTC day or calendar month."""

    amount: int
    interval: Interval

    def next_after(self, moment: datetime) -> datetime:
        """The first refill after `moment`."""
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.interval == "daily":
            return midnight + timedelta(days=1)
        return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Credits:
    """Credits as the store has them: each use spends some, and a refill that is due counts from its moment on."""

    stored: int
    refill: Refill | None = None
    refill_at: datetime | None = None

    def refill_is_due(self, now: datetime) -> bool:
        """Whether a refill's moment has come that no use has brought about yet."""
        return self.refill_at is not None and self.refill_at <= now

    def remaining(self, now: datetime) -> int:
        """What may be spent at `now`."""
        return self.refill.amount if self.refill is not None and self.refill_is_due(now) else self.stored

    def next_refill(self, now: datetime) -> datetime | None:
        """When they are refilled next; None if never."""
        return self.refill.next_after(now) if self.refill is not None and self.refill_is_due(now) else self.refill_at

    def retry_after_seconds(self, now: datetime) -> int | None:
        """Whole seconds until the next refill; None if there is none."""
        at = self.next_refill(now)
        return None if at is None else max(1, math.ceil((at - now) / _SECOND))
