"""Time: where it comes from, and how it is written for people (RFC 3339) and for the store (epoch milliseconds)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC; injected wherever time is needed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


def to_millis(moment: datetime) -> int:
    """Whole milliseconds since 1970-01-01T00:00:00Z, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def from_millis(millis: int) -> datetime:
    """The moment that many milliseconds after 1970-01-01T00:00:00Z."""
    return _EPOCH + timedelta(milliseconds=millis)


def rfc3339(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds where there are any: `2026-05-01T10:00:00Z`, `2026-05-01T10:00:00.250Z`."""
    moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond >= 1000 else "seconds") + "Z"


def rfc3339_or_none(moment: datetime | None) -> str | None:
    """`rfc3339`, and None for what has not happened."""
    return None if moment is None else rfc3339(moment)
