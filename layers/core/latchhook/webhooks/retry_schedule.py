"""When the next attempt comes: the schedule, its jitter, and what the receiver asked for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

JITTER = 0.2
"""Each wait is spread by ±20 % (contracts.md), so that what failed together does not come back together."""

MAX_RETRIES = 10
MIN_WAIT_SECONDS = 1
MAX_WAIT_SECONDS = 86_400
"""What a webhook's own schedule may be: ten days, twelve with jitter, end before the shortest retention of an event."""

LONGEST_ASKED_WAIT = timedelta(hours=24)
"""A `Retry-After` beyond the schedule's longest wait is cut to this."""

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
    """When attempt number `attempt` + 1 is due after attempt number `attempt` (from 1) failed at `now`.

    None when the schedule is used up. A 429 or 503 with `Retry-After` moves it to the later of both.
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
    """How long after its first attempt a delivery's last one is due at the latest, unless receivers ask for more."""
    return timedelta(seconds=sum(schedule_seconds) * (1 + JITTER))


def parse_retry_after(value: str, now: datetime) -> datetime | None:
    """RFC 9110, 10.2.3: seconds from now, or an HTTP date; in UTC, as schedules are written. None for anything else."""
    value = value.strip()
    if value.isascii() and value.isdecimal():
        return now + timedelta(seconds=min(int(value.lstrip("0")[:9] or "0"), LONGEST_ASKED_WAIT.total_seconds()))
    try:
        moment = parsedate_to_datetime(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
