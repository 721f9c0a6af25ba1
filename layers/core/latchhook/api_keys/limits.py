"""How often and how many times a key may be used: rate limits and credits, as settings and as they stand.

The store decides both inside the one write that counts a use, so both are exact under any number of callers.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

MAX_WINDOW_SECONDS = 86_400
MAX_PER_SECOND = 1_000
"""One item of the store takes about as many writes a second: a higher limit could never be reached."""
MAX_CREDITS = 10**12
MAX_COST = 1_000_000
"""Credits that one verification may spend."""

Interval = Literal["daily", "monthly"]

_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00:00Z."""
    return (moment - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`limit` uses in `window_seconds`, spread evenly but for `burst` of them that may come at once.

    Kept by the generic cell rate algorithm (ITU-T I.371): no window of that length sees more than limit and burst.
    """

    limit: int
    window_seconds: int
    burst: int

    @property
    def step_micros(self) -> int:
        """The time that one use takes up, rounded up."""
        return math.ceil(self.window_seconds * 1_000_000 / self.limit)

    @property
    def tolerance_micros(self) -> int:
        """How far uses may run ahead of the even rate."""
        return (self.burst - 1) * self.step_micros


@dataclass(frozen=True, slots=True)
class RateStanding:
    """How a rate limit stands. `full_at_micros` is the algorithm's theoretical arrival time."""

    limit: RateLimit
    full_at_micros: int

    def remaining(self, now: datetime) -> int:
        """Uses that could be made at once."""
        ahead = self._ready_at - to_micros(now)
        return 0 if ahead > 0 else min(self.limit.burst, -ahead // self.limit.step_micros + 1)

    def retry_after_seconds(self, now: datetime) -> int:
        """Whole seconds until the next use may be made; 0 if one may be made now."""
        return max(0, math.ceil((self._ready_at - to_micros(now)) / 1_000_000))

    def reset_seconds(self, now: datetime) -> int:
        """Whole seconds until all of the burst may be used again."""
        return max(0, math.ceil((self.full_at_micros - to_micros(now)) / 1_000_000))

    @property
    def _ready_at(self) -> int:
        return self.full_at_micros - self.limit.tolerance_micros


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
