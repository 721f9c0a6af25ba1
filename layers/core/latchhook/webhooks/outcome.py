"""What came of one HTTP call to a receiver: a failed delivery is a value, never an exception."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_BODY_BYTES = 64 * 1024
"""As much of an answer's body is read and kept."""


@dataclass(frozen=True, slots=True)
class Timings:
    """How long each part took, in milliseconds; None for a part that was not reached or not needed."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class HttpOutcome:
    """One call's outcome: with a status a receiver has answered, whatever became of the rest.

    `error` is None exactly when the answer was read to its end or to the limit, whatever its status."""

    status: int | None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    body_truncated: bool = False
    error: str | None = None
    """What went wrong, in a customer's words: `Connection refused at https://…`."""
    timings: Timings = field(default_factory=Timings)
    remote_address: str | None = None
    added_headers: Mapping[str, str] = field(default_factory=dict)
    """What was sent, or was to be, before the headers that were asked for: those that belong to the call itself."""
