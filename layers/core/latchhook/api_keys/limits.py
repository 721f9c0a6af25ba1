"""Credits of a key: the settings and the state.

The write that counts a use also checks the credits, so they are exact under any number of callers. The same write
checks the rate limit (see `rates`).
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

MAX_CREDITS = 10**12
MAX_COST = 1_000_000
"""The most credits that one verification may spend."""

Interval = Literal["daily", "monthly"]

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Refill:
    """Sets the credits to `amount` at the start of each UTC day or calendar month."""

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
    """Credits as stored. A refill counts from its time on, even before a use writes it."""

    stored: int
    refill: Refill | None = None
    refill_at: datetime | None = None

    def refill_is_due(self, now: datetime) -> bool:
        """Return whether the time of a refill has passed and no use has written it yet."""
        return self.refill_at is not None and self.refill_at <= now

    def remaining(self, now: datetime) -> int:
        """The credits that may be spent at `now`."""
        return self.refill.amount if self.refill is not None and self.refill_is_due(now) else self.stored

    def next_refill(self, now: datetime) -> datetime | None:
        """The time of the next refill. None without a refill."""
        return self.refill.next_after(now) if self.refill is not None and self.refill_is_due(now) else self.refill_at

    def retry_after_seconds(self, now: datetime) -> int | None:
        """Whole seconds until the next refill. None without a refill."""
        at = self.next_refill(now)
        return None if at is None else max(1, math.ceil((at - now) / _SECOND))
