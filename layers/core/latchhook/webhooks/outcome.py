"""The outcome of one HTTP call to a receiver. A failed call is a value and not an exception."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_BODY_BYTES = 64 * 1024
"""Limit for the part of a response body that is read and stored."""


@dataclass(frozen=True, slots=True)
class Timings:
    """The duration of each part of a call in milliseconds. None for a part that was not reached or not needed."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class HttpOutcome:
    """The outcome of one call. `status` is None if no response arrived.

    `error` is None exactly if the response was read to its end or to the limit, with any status."""

    status: int | None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    body_truncated: bool = False
    error: str | None = None
    """The failure in words for customers: `Connection refused at https://…`."""
    timings: Timings = field(default_factory=Timings)
    remote_address: str | None = None
    added_headers: Mapping[str, str] = field(default_factory=dict)
    """The headers that the client adds before the given headers, such as `Host`, even if sending failed."""
