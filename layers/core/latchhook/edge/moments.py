"""Moments as callers write them: RFC 3339 with a zone."""

import re
from datetime import UTC, datetime

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def parse_moment(text: str) -> datetime:
    """The moment in UTC; raises `ValueError` whose text is for the caller."""
    if not _RFC3339.fullmatch(text):
        raise ValueError("This must be an RFC 3339 time with a zone, such as 2027-01-20T00:00:00Z.")
    try:
        # To UTC here: near the ends of the calendar there is no such moment in UTC, and that is the caller's mistake.
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("There is no such moment.") from None
