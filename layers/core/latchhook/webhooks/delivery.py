"""A delivery of one event to one webhook, and its attempts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID, uuid5

from latchhook.webhooks.ids import LOW_BITS, id_by_time, moment_of

AttemptStatus = Literal["success", "failed"]
"""Document 000's words."""
Trigger = Literal["event", "retry", "manual", "test", "recover"]
"""What an attempt is made for: the event itself, the schedule, somebody's wish, a test, or a recovery."""

MAX_ATTEMPTS = 999
"""Of one delivery, those that somebody asked for counted in: the records' keys have three digits."""


@dataclass(frozen=True, slots=True)
class DeliveryTask:
    """What a queue carries: make attempt number `attempt` (from 1) of a delivery. All else is read when it is made."""

    account_id: str
    webhook_id: UUID
    event_id: str
    delivery_id: UUID
    attempt: int
    trigger: Trigger = "event"
    paced: bool = False
    """Whether it has a slot of its webhook's pace already (pacing.py)."""
    slot_at: datetime | None = None
    """Its slot, or the last that it had; None if it was sent to wait before slots were told."""
    missed_slots: int = 0
    """How many slots it came too late for."""
    uncounted: int = 0
    """How many attempts, this one at most, its schedule does not count: those by hand, and all before a recovery's."""

    @property
    def counted(self) -> int:
        """Which attempt of its schedule it is, or was the last before it."""
        return self.attempt - self.uncounted

    def following(self, trigger: Trigger, *, uncounted: int) -> "DeliveryTask":
        """The delivery's next attempt: it has no slot yet."""
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
    """One attempt as it was made. Header values that would let a reader pass for us are left out before it is kept."""

    task: DeliveryTask
    event_name: str
    external_id: str | None
    status: AttemptStatus
    error_message: str | None
    """What went wrong in a customer's words; None on success (document 000)."""
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
    """What became of the answer's body where not all of it was read."""

    @property
    def id(self) -> UUID:
        """The record's own id: each retry is its own record (document 000)."""
        return attempt_id(self.task.delivery_id, self.task.attempt)


@dataclass(frozen=True, slots=True)
class LoggedAttempt:
    """An attempt as document 000's log shows it."""

    id: UUID
    external_id: str | None
    event_name: str
    status: AttemptStatus
    error_message: str | None
    attempted_at: datetime


def missing_slot(task: DeliveryTask) -> DeliveryTask:
    """The task after it came too late for its slot: it needs another one."""
    return replace(task, paced=False, slot_at=None, missed_slots=task.missed_slots + 1)


def attempt_id(delivery_id: UUID, attempt: int) -> UUID:
    """The id of a delivery's attempt: made twice, it is the same."""
    return uuid5(delivery_id, str(attempt))


def delivery_id(*, account_id: str, event_id: str, webhook_id: UUID, accepted_at: datetime) -> UUID:
    """The delivery's id, and the `webhook-id` of all its attempts.

    Derived, so that a fan-out which runs twice makes the same deliveries; a version 8 UUID (RFC 9562, 5.8) that begins
    with the milliseconds of the event's acceptance, so that ids sort by time.
    """
    digest = sha256(f"{account_id}\n{event_id}\n{webhook_id}".encode()).digest()
    return id_by_time(accepted_at, int.from_bytes(digest[: LOW_BITS // 8]), version=8)


def accepted_at(delivery_id: UUID) -> datetime:
    """When the event of a delivery was accepted, to the millisecond."""
    return moment_of(delivery_id)
