"""Reading of times in requests: RFC 3339 with a time zone."""

import re
from datetime import UTC, datetime, timedelta

MAX_FRACTION_DIGITS = 30
"""RFC 3339 sets no limit. A limit is needed because an event's time is delivered with all its digits."""

# RFC 3339, 5.6. Python accepts hour 24 and ignores the bounds of an offset's parts, so the pattern checks both.
_RFC3339 = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[Tt](?P<minute>(?:[01]\d|2[0-3]):[0-5]\d):(?P<second>[0-5]\d|60)"
    rf"(?:\.(?P<fraction>\d{{1,{MAX_FRACTION_DIGITS}}}))?(?P<offset>[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_SECOND = timedelta(seconds=1)


def parse_moment(text: str) -> datetime:
    """Return the time in UTC, to the microsecond. Raises `ValueError` with a text for the caller.

    A leap second becomes the first second of the next day, as in POSIX time.
    """
    found = _match(text)
    return _whole_second(found) + timedelta(microseconds=int((found["fraction"] or "").ljust(6, "0")[:6]))


def utc_text(text: str) -> str:
    """Return the time in UTC as text, with all its fractional digits. Raises the same errors as `parse_moment`."""
    found = _match(text)
    fraction = found["fraction"]
    second = _whole_second(found).replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{second}Z" if fraction is None else f"{second}.{fraction}Z"


def _match(text: str) -> re.Match[str]:
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError("Must be an RFC 3339 time with a time zone, such as 2027-01-20T00:00:00Z.")
    return found


def _whole_second(found: re.Match[str]) -> datetime:
    """Return the time without its fraction. Near the ends of the calendar a local time can have no UTC time."""
    is_leap = found["second"] == "60"
    second = "59" if is_leap else found["second"]
    try:
        moment = datetime.fromisoformat(f"{found['day']}T{found['minute']}:{second}{found['offset'].upper()}")
        moment = moment.astimezone(UTC)
        if not is_leap:
            return moment
        after = moment + _SECOND
    except (ValueError, OverflowError):
        raise ValueError("This time does not exist.") from None
    # All leap seconds so far ended a June or a December in UTC (RFC 3339, Appendix D).
    if (after.month, after.day, after.hour, after.minute, after.second) not in {(1, 1, 0, 0, 0), (7, 1, 0, 0, 0)}:
        raise ValueError("This time does not exist: only the last minute of June or December in UTC has a leap second.")
    return after
