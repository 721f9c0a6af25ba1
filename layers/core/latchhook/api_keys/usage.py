"""Daily counts of a key's uses and refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_DAYS = 90
"""Daily counts are kept for this many days."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts by UTC day, `YYYYMMDD`. A missing day has the count zero."""

    requests: Mapping[str, int]
    refused: Mapping[str, Mapping[str, int]]
    """Refused verifications by day, then by code."""


def last_days(days: int, *, now: datetime) -> list[datetime]:
    """The last `days` UTC days up to the day of `now`, the oldest first."""
    return [now - timedelta(days=back) for back in range(days - 1, -1, -1)]


def closed_months(days: int, *, now: datetime) -> list[str]:
    """The past months, `YYYYMM`, that contain some of the last `days` days, the oldest first."""
    months = sorted({f"{moment:%Y%m}" for moment in last_days(days, now=now)})
    return [month for month in months if month != f"{now:%Y%m}"]
