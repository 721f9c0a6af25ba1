"""The clock, and the formats of times: RFC 3339 in the API, epoch milliseconds in the tables."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the current time, aware and in UTC. Injected wherever time is needed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def utc_now() -> datetime:
    """Return the current time of the system."""
    return datetime.now(UTC)


def to_millis(moment: datetime) -> int:
    """Whole milliseconds since 1970-01-01T00:00:00Z, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def from_millis(millis: int) -> datetime:
    """The time `millis` milliseconds after 1970-01-01T00:00:00Z."""
    return _EPOCH + timedelta(milliseconds=millis)


def rfc3339(moment: datetime) -> str:
    """Format a time as RFC 3339 in UTC, with milliseconds unless they are zero: `2026-05-01T10:00:00.250Z`."""
    moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond >= 1000 else "seconds") + "Z"


def rfc3339_or_none(moment: datetime | None) -> str | None:
    """Format a time as RFC 3339. None stays None."""
    return None if moment is None else rfc3339(moment)
