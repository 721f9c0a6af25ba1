"""What the attempts to deliver to webhooks come to, by hour and by day: how many, how many failed, how long they took.

Durations are counted in buckets that grow by a quarter of a doubling. A percentile is the middle of the bucket that the
exact one lies in: off by less than 10 % (2**(1/8) is 9.05 %, and half a hundredth of a millisecond for rounding), or by
less than a millisecond where it is shorter than one.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

MAX_DAYS = 90
"""How far back attempts are counted."""

BUCKETS_PER_DOUBLING = 4
LAST_BUCKET = 64
"""Ends at 65.5 s; what took longer counts as this. A delivery's deadline is far below."""

HOURS = 24


class CountedAttempt(NamedTuple):
    """What is counted of one attempt."""

    account_id: str
    webhook_id: UUID
    event_day: date
    """The UTC day on which its event was accepted."""
    attempted_at: datetime
    failed: bool
    latency_ms: float | None
    """The whole call, from the name's lookup to the last byte; None if there was no answer."""


class PlacedAttempt(NamedTuple):
    """An attempt and its place in the order in which attempts were recorded; those of one webhook compare as text."""

    position: str
    attempt: CountedAttempt


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Counts of one UTC day, or of several added up; what is in no mapping is none."""

    attempts: Mapping[int, int] = field(default_factory=dict)
    """By hour of the day."""
    failures: Mapping[int, int] = field(default_factory=dict)
    """Of these, by hour of the day."""
    latencies: Mapping[int, int] = field(default_factory=dict)
    """Attempts that got an answer, by bucket of their duration."""

    @property
    def attempted(self) -> int:
        """All attempts."""
        return sum(self.attempts.values())

    @property
    def failed(self) -> int:
        """The failed ones among them."""
        return sum(self.failures.values())


class Percentiles(NamedTuple):
    """Durations in milliseconds that so many percent of the answers did not exceed."""

    p50: float
    p90: float
    p95: float
    p99: float


class HourCounts(NamedTuple):
    """One hour, from `start` on."""

    start: datetime
    attempts: int
    failed: int


NOTHING = DayCounts()


def tally(attempts: Iterable[CountedAttempt]) -> DayCounts:
    """Counts of the attempts of one day."""
    made, failed, latencies = Counter[int](), Counter[int](), Counter[int]()
    for attempt in attempts:
        made[attempt.attempted_at.hour] += 1
        if attempt.failed:
            failed[attempt.attempted_at.hour] += 1
        if attempt.latency_ms is not None:
            latencies[bucket(attempt.latency_ms)] += 1
    return DayCounts(made, failed, latencies)


def together(counts: Iterable[DayCounts]) -> DayCounts:
    """All of them added up."""
    made, failed, latencies = Counter[int](), Counter[int](), Counter[int]()
    for each in counts:
        made.update(each.attempts)
        failed.update(each.failures)
        latencies.update(each.latencies)
    return DayCounts(made, failed, latencies)


def bucket(millis: float) -> int:
    """The bucket that a duration belongs to: number `n` ends at `2**(n/4)` ms, and that still belongs to it."""
    if millis <= 1:
        return 0
    return min(LAST_BUCKET, math.ceil(BUCKETS_PER_DOUBLING * math.log2(millis)))


def percentiles(latencies: Mapping[int, int]) -> Percentiles | None:
    """The percentiles by nearest rank; None of no durations."""
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
    """The last `days` UTC days, the oldest first; the last one is that of `now`."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in range(days - 1, -1, -1)]


def last_24_hours(counts: Mapping[date, DayCounts], *, now: datetime) -> list[HourCounts]:
    """The hour of `now` as far as it has come, and the 23 before it, the oldest first; `counts` are by day."""
    this = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    starts = [this - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    return [
        HourCounts(start, day.attempts.get(start.hour, 0), day.failures.get(start.hour, 0))
        for start in starts
        for day in (counts.get(start.date(), NOTHING),)
    ]
