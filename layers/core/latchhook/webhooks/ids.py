"""Ids that sort by time: UUIDs that begin with the milliseconds of a moment (RFC 9562, 5.7 and 5.8)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from latchhook.clock import from_millis, to_millis

LOW_BITS = 80
"""What follows the milliseconds; six of these bits are the version's and the variant's."""


def id_by_time(moment: datetime, low: int, *, version: Literal[7, 8]) -> UUID:
    """The id of a moment whose other bits are those of `low`: random ones (version 7), or derived ones (version 8)."""
    number = (to_millis(moment) << LOW_BITS) | low
    number = (number & ~(0xF << 76)) | (version << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=number)


def moment_of(id_: UUID) -> datetime:
    """The moment that an id begins with, to the millisecond."""
    return from_millis(id_.int >> LOW_BITS)
