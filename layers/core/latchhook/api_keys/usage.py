"""How often a key was used and refused, day by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_DAYS = 90
"""How far back uses are kept by day (contracts.md)."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts by UTC day, `YYYYMMDD`; a day that is not in it had none."""

    requests: Mapping[str, int]
    refused: Mapping[str, Mapping[str, int]]
    """Refused verifications by day, then by code."""


def last_days(days: int, *, now: datetime) -> list[datetime]:
    """The last `days` UTC days, the oldest first; the last one is the day of `now`."""
    return [now - timedelta(days=back) for back in range(days - 1, -1, -1)]


def closed_months(days: int, *, now: datetime) -> list[str]:
    """The months `YYYYMM` before that of `now` in which the last `days` days lie, the oldest first."""
    months = sorted({f"{moment:%Y%m}" for moment in last_days(days, now=now)})
    return [month for month in months if month != f"{now:%Y%m}"]
