"""A delivery of one event to one webhook, and its attempts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID, uuid5

from latchhook.webhooks.ids import LOW_BITS, id_by_time, moment_of

AttemptStatus = Literal["success", "failed"]
Trigger = Literal["event", "retry", "manual", "test", "recover"]
"""The cause of an attempt: the event, the retry schedule, a manual retry, a test, or a recovery."""

MAX_ATTEMPTS = 999
"""The maximum number of attempts of one delivery, including manual retries. The records' keys have three digits."""


@dataclass(frozen=True, slots=True)
class DeliveryTask:
    """A queue message: make attempt number `attempt` (from 1) of a delivery. The worker reads all other data."""

    account_id: str
    webhook_id: UUID
    event_id: str
    delivery_id: UUID
    attempt: int
    trigger: Trigger = "event"
    reserved_at: datetime | None = None
    """Its reservation (rate_limiter.py), or None without reservation."""
    missed_reservations: int = 0
    """The number of reservations that it missed."""
    uncounted: int = 0
    """The number of attempts, at most up to this one, that the retry schedule does not count.

    These are manual retries and all attempts before a recovery.
    """

    @property
    def counted(self) -> int:
        """The number of attempts, up to this one, that the retry schedule counts."""
        return self.attempt - self.uncounted

    def missing_reservation(self) -> "DeliveryTask":
        """Return the task after it missed its reservation, without the reservation."""
        return replace(self, reserved_at=None, missed_reservations=self.missed_reservations + 1)

    def following(self, trigger: Trigger, *, uncounted: int) -> "DeliveryTask":
        """Return the task of the delivery's next attempt, without a reservation."""
        return DeliveryTask(
            account_id=self.account_id,
            webhook_id=self.webhook_id,
            event_id=self.event_id,
            delivery_id=self.delivery_id,
            attempt=self.attempt + 1,
            trigger=trigger,
            uncounted=uncounted,
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. Header values with which a reader could forge requests are removed before it is stored."""

    task: DeliveryTask
    event_name: str
    external_id: str | None
    status: AttemptStatus
    error_message: str | None
    """The failure in words for customers. None on success."""
    trigger: Trigger
    attempted_at: datetime
    next_attempt_at: datetime | None
    request_headers: Mapping[str, str]
    response_status: int | None
    response_headers: tuple[tuple[str, str], ...]
    response_body: bytes
    response_truncated: bool
    timings_ms: Mapping[str, float]
    remote_address: str | None
    note: str | None = None
    """The reason why the response body was not read completely, or None."""

    @property
    def id(self) -> UUID:
        """The record's id. Each attempt is a separate record."""
        return attempt_id(self.task.delivery_id, self.task.attempt)


@dataclass(frozen=True, slots=True)
class LoggedAttempt:
    """An attempt as the webhook log lists it."""

    id: UUID
    external_id: str | None
    event_name: str
    status: AttemptStatus
    error_message: str | None
    attempted_at: datetime


def attempt_id(delivery_id: UUID, attempt: int) -> UUID:
    """Return the id of a delivery's attempt. It is derived, so a repeated run gets the same id."""
    return uuid5(delivery_id, str(attempt))


def delivery_id(*, account_id: str, event_id: str, webhook_id: UUID, accepted_at: datetime) -> UUID:
    """Return the delivery's id, which is the `webhook-id` of all its attempts.

    The id is derived, so that a repeated fan-out creates the same deliveries. It is a version 8 UUID (RFC 9562, 5.8)
    that begins with the milliseconds of the event's acceptance, so that ids sort by time.
    """
    digest = sha256(f"{account_id}\n{event_id}\n{webhook_id}".encode()).digest()
    return id_by_time(accepted_at, int.from_bytes(digest[: LOW_BITS // 8]), version=8)


def accepted_at(delivery_id: UUID) -> datetime:
    """Return when the event of a delivery was accepted, to the millisecond."""
    return moment_of(delivery_id)
