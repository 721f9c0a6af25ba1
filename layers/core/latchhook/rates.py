"""Rate limits by the generic cell rate algorithm, as settings and as they stand: of uses of keys, of webhook calls."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MAX_WINDOW_SECONDS = 86_400
MAX_PER_SECOND = 1_000
"""One item of the store takes about as many writes a second: a higher limit on uses of a key could not be reached."""

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00:00Z."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment that many microseconds after 1970-01-01T00:00:00Z."""
    return _EPOCH + micros * _MICROSECOND


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


def carried_over(full_at_micros: int, *, old_step_micros: int, new_step_micros: int, now: datetime) -> int:
    """The theoretical arrival time under a new limit, with the uses that the old limit counts at `now`.

    One use takes one step. Fractions of a microsecond are rounded up, so that no change of limits returns a use.
    """
    ahead = full_at_micros - to_micros(now)
    if ahead <= 0:
        return full_at_micros
    return to_micros(now) - (-ahead * new_step_micros // old_step_micros)


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
