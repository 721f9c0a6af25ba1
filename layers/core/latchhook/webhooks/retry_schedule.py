"""Calculates the time of the next attempt from the retry schedule, its jitter and the receiver's `Retry-After`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

JITTER = 0.2
"""Each wait varies by ±20 %, so that deliveries that failed together are not retried together."""

MAX_RETRIES = 10
MIN_WAIT_SECONDS = 1
MAX_WAIT_SECONDS = 86_400
"""Limits of a webhook's own schedule. It takes at most ten days, or twelve with jitter, which is less than the shortest
retention of events."""

LONGEST_ASKED_WAIT = timedelta(hours=24)
"""The longest wait that a `Retry-After` can cause."""

_STATUSES_THAT_ASK = (429, 503)


def next_attempt_at(
    *,
    attempt: int,
    schedule_seconds: Sequence[int],
    status: int | None,
    retry_after: str | None,
    now: datetime,
    rng: Random,
) -> datetime | None:
    """Return when attempt `attempt` + 1 is due, after attempt `attempt` (from 1) failed at `now`.

    None if the schedule has no further wait. After a 429 or 503 with `Retry-After`, the later of both times applies.
    """
    if attempt > len(schedule_seconds):
        return None
    wait = schedule_seconds[attempt - 1] * rng.uniform(1 - JITTER, 1 + JITTER)
    due = now + timedelta(seconds=wait)
    if status in _STATUSES_THAT_ASK and retry_after is not None:
        asked = parse_retry_after(retry_after, now)
        if asked is not None:
            due = max(due, min(asked, now + LONGEST_ASKED_WAIT))
    return due


def longest_delivery(schedule_seconds: Sequence[int]) -> timedelta:
    """Return the longest time from the first to the last attempt of a delivery, without `Retry-After`."""
    return timedelta(seconds=sum(schedule_seconds) * (1 + JITTER))


def parse_retry_after(value: str, now: datetime) -> datetime | None:
    """Read a `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3). Return a UTC time, or None if invalid."""
    value = value.strip()
    if value.isascii() and value.isdecimal():
        return now + timedelta(seconds=min(int(value.lstrip("0")[:9] or "0"), LONGEST_ASKED_WAIT.total_seconds()))
    try:
        moment = parsedate_to_datetime(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
