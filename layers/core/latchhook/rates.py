"""Rate limits of key uses, attempts and calls, by the generic cell rate algorithm: settings and state."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MAX_WINDOW_SECONDS = 86_400
MAX_PER_SECOND = 1_000
"""DynamoDB writes one item about as often per second, so a key could not reach a higher limit."""

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00:00Z."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The time `micros` microseconds after 1970-01-01T00:00:00Z."""
    return _EPOCH + micros * _MICROSECOND


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Allows `limit` uses in `window_seconds`, evenly spread, and `burst` of them at once.

    With the generic cell rate algorithm (ITU-T I.371), no window of this length contains more than `limit` plus `burst`
    uses.
    """

    limit: int
    window_seconds: int
    burst: int

    @property
    def step_micros(self) -> int:
        """The distance of two uses at the even rate, rounded up."""
        return math.ceil(self.window_seconds * 1_000_000 / self.limit)

    @property
    def tolerance_micros(self) -> int:
        """The time by which uses may be ahead of the even rate."""
        return (self.burst - 1) * self.step_micros


def carried_over(full_at_micros: int, *, old_step_micros: int, new_step_micros: int, now: datetime) -> int:
    """Convert the theoretical arrival time from an old limit to a new limit, so that the same uses stay counted.

    One use takes one step. Fractions of a microsecond are rounded up, so that a changed limit never gives back a use.
    """
    ahead = full_at_micros - to_micros(now)
    if ahead <= 0:
        return full_at_micros
    return to_micros(now) - (-ahead * new_step_micros // old_step_micros)


@dataclass(frozen=True, slots=True)
class RateStanding:
    """The state of a rate limit. `full_at_micros` is the algorithm's theoretical arrival time."""

    limit: RateLimit
    full_at_micros: int

    def remaining(self, now: datetime) -> int:
        """The number of uses that are allowed at `now`."""
        ahead = self._ready_at - to_micros(now)
        return 0 if ahead > 0 else min(self.limit.burst, -ahead // self.limit.step_micros + 1)

    def retry_after_seconds(self, now: datetime) -> int:
        """Whole seconds until the next use is allowed. 0 if a use is allowed now."""
        return max(0, math.ceil((self._ready_at - to_micros(now)) / 1_000_000))

    def reset_seconds(self, now: datetime) -> int:
        """Whole seconds until the full burst is allowed again."""
        return max(0, math.ceil((self.full_at_micros - to_micros(now)) / 1_000_000))

    @property
    def _ready_at(self) -> int:
        return self.full_at_micros - self.limit.tolerance_micros
