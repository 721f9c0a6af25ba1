"""Counts attempts, failures and durations by hour and by day.

Durations are counted in buckets, each 2**(1/4) times as long as the one before. A percentile is the middle of the
bucket of the exact percentile. Its error is less than 10 % (2**(1/8) is 9.05 %, plus 0.005 ms for rounding). For
percentiles below 1 ms, the error is less than 1 ms.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

MAX_DAYS = 90
"""The number of days for which attempts are counted."""

BUCKETS_PER_DOUBLING = 4
LAST_BUCKET = 64
"""Ends at 65.5 s and contains all longer durations. The deadline of a delivery is far below."""

HOURS = 24


class CountedAttempt(NamedTuple):
    """The counted fields of one attempt."""

    account_id: str
    webhook_id: UUID
    event_day: date
    """The UTC day on which its event was accepted."""
    attempted_at: datetime
    failed: bool
    latency_ms: float | None
    """The duration of the call, from the name lookup to the last byte. None if there was no response."""


class PlacedAttempt(NamedTuple):
    """An attempt and its position in the order of recording. Positions of one webhook compare as text."""

    position: str
    attempt: CountedAttempt


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The counts of one UTC day, or the sum of several days. A missing key counts as 0."""

    attempts: Mapping[int, int] = field(default_factory=dict)
    """All attempts by hour of the day."""
    failures: Mapping[int, int] = field(default_factory=dict)
    """Failed attempts by hour of the day."""
    latencies: Mapping[int, int] = field(default_factory=dict)
    """Attempts with a response, by bucket of their duration."""

    @property
    def attempted(self) -> int:
        """The number of attempts."""
        return sum(self.attempts.values())

    @property
    def failed(self) -> int:
        """The number of failed attempts."""
        return sum(self.failures.values())


class Percentiles(NamedTuple):
    """Percentiles of the duration of responses, in milliseconds."""

    p50: float
    p90: float
    p95: float
    p99: float


class HourCounts(NamedTuple):
    """The counts of the hour from `start`."""

    start: datetime
    attempts: int
    failed: int


NOTHING = DayCounts()


def tally(attempts: Iterable[CountedAttempt]) -> DayCounts:
    """Count the attempts of one day."""
    made, failed, latencies = Counter[int](), Counter[int](), Counter[int]()
    for attempt in attempts:
        made[attempt.attempted_at.hour] += 1
        if attempt.failed:
            failed[attempt.attempted_at.hour] += 1
        if attempt.latency_ms is not None:
            latencies[bucket(attempt.latency_ms)] += 1
    return DayCounts(made, failed, latencies)


def together(counts: Iterable[DayCounts]) -> DayCounts:
    """Add up counts."""
    made, failed, latencies = Counter[int](), Counter[int](), Counter[int]()
    for each in counts:
        made.update(each.attempts)
        failed.update(each.failures)
        latencies.update(each.latencies)
    return DayCounts(made, failed, latencies)


def bucket(millis: float) -> int:
    """Return the bucket of a duration. Bucket `n` ends at `2**(n/4)` ms, inclusive."""
    if millis <= 1:
        return 0
    return min(LAST_BUCKET, math.ceil(BUCKETS_PER_DOUBLING * math.log2(millis)))


def percentiles(latencies: Mapping[int, int]) -> Percentiles | None:
    """Return the percentiles by nearest rank, or None without durations."""
    total = sum(latencies.values())
    if not total:
        return None
    reached, below = [], 0
    for number in sorted(latencies):
        below += latencies[number]
        reached.append((below, number))

    def percentile(percent: int) -> float:
        rank = -(-percent * total // 100)
        number = next(number for below, number in reached if below >= rank)
        return round(2 ** ((number - 0.5) / BUCKETS_PER_DOUBLING), 2)

    return Percentiles(percentile(50), percentile(90), percentile(95), percentile(99))


def last_days(days: int, *, now: datetime) -> list[date]:
    """Return the last `days` UTC days up to the day of `now`, oldest first."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in range(days - 1, -1, -1)]


def last_24_hours(counts: Mapping[date, DayCounts], *, now: datetime) -> list[HourCounts]:
    """Return the 23 hours before the hour of `now` and this incomplete hour, oldest first. `counts` are by day."""
    this = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    starts = [this - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    return [
        HourCounts(start, day.attempts.get(start.hour, 0), day.failures.get(start.hour, 0))
        for start in starts
        for day in (counts.get(start.date(), NOTHING),)
    ]
