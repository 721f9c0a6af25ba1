"""Ids that sort by time: UUIDs that begin with a time in milliseconds (RFC 9562, 5.7 and 5.8)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from latchhook.clock import from_millis, to_millis

LOW_BITS = 80
"""The number of bits after the milliseconds. Six of them are the version and the variant."""


def id_by_time(moment: datetime, low: int, *, version: Literal[7, 8]) -> UUID:
    """Return an id with the time `moment` and the bits `low`, which are random (version 7) or derived (version 8)."""
    number = (to_millis(moment) << LOW_BITS) | low
    number = (number & ~(0xF << 76)) | (version << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=number)


def moment_of(id_: UUID) -> datetime:
    """Return the time at the start of an id, to the millisecond."""
    return from_millis(id_.int >> LOW_BITS)
