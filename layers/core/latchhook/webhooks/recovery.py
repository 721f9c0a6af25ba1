"""Starts and cancels recoveries. A recovery sends deliveries again that failed, or that a disabled webhook missed.

A recovery is a range of deliveries. The webhook's drain (draining.py) sends them, and recovery_scan.py finds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Literal, Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.clock import rfc3339
from latchhook.idempotency_records import IdempotencyKey
from latchhook.webhooks.errors import (
    RecoveryFinishedError,
    RecoveryNotFoundError,
    RecoveryRunningError,
    SinceInFutureError,
    WebhookNotActiveError,
)
from latchhook.webhooks.ids import LOW_BITS, id_by_time
from latchhook.webhooks.webhook import Webhook

Kind = Literal["failed", "missing"]
"""`failed`: the newest attempt failed. `missing`: no attempt was made, because the webhook was disabled."""
KINDS: tuple[Kind, ...] = ("failed", "missing")

Status = Literal["running", "finished", "cancelled"]


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery of a webhook's deliveries whose events were accepted from `since` to `until`."""

    id: UUID
    account_id: str
    webhook_id: UUID
    only: Kind | None
    """The kind of deliveries to send. None for both: failed deliveries first, then missing deliveries."""
    since: datetime
    until: datetime
    """The start of the recovery. Later events are delivered without it."""
    status: Status
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    looks_for: Kind = "failed"
    """Progress: the kind of deliveries that the recovery examines now."""
    after: UUID | None = None
    """Progress: the last examined delivery of this kind, or None."""
    examined: int = 0
    """The number of examined deliveries."""
    sent: int = 0
    """The number of deliveries sent again."""
    skipped: int = 0
    """The number of failed or missing deliveries that can no longer be attempted."""


class Recoveries(Protocol):
    """The storage of recoveries."""

    def is_running(self, webhook_id: UUID) -> bool:
        """Return whether a recovery of the webhook runs."""

    def start(
        self,
        recovery: Recovery,
        entry: AuditEntry,
        *,
        takes_offer: bool,
        idempotency_key: IdempotencyKey | None = None,
    ) -> None:
        """Store a new recovery and its audit entry in one transaction. `takes_offer` also deletes the webhook's offer.

        Raises `RecoveryRunningError` if a recovery of the webhook runs, `WebhookNotFoundError` and
        `AlreadyCompletedError`.
        """

    def find(self, account_id: str, webhook_id: UUID, recovery_id: UUID) -> Recovery | None:
        """Return a recovery of the webhook, or None, with a strongly consistent read."""

    def end(self, recovery: Recovery, status: Status, entry: AuditEntry) -> bool:
        """End a recovery and store the audit entry in one transaction. Return False if it no longer runs."""


@dataclass(frozen=True, slots=True)
class Recoverer:
    """Starts and cancels recoveries."""

    recoveries: Recoveries
    rng: Random

    def start(
        self,
        webhook: Webhook,
        *,
        since: datetime,
        only: Kind | None,
        origin: Origin,
        idempotency_key: IdempotencyKey | None = None,
    ) -> Recovery:
        """Start a recovery. The stream record of its audit entry starts the webhook's drain.

        Raises `SinceInFutureError`, `WebhookNotActiveError`, `RecoveryRunningError` and `AlreadyCompletedError`.
        """
        now = origin.at
        if since > now:
            raise SinceInFutureError
        if webhook.status != "active" or webhook.url is None:
            raise WebhookNotActiveError
        if self.recoveries.is_running(webhook.id):
            raise RecoveryRunningError
        recovery = Recovery(
            id=recovery_id(now, self.rng),
            account_id=webhook.account_id,
            webhook_id=webhook.id,
            only=only,
            since=since,
            until=now,
            status="running",
            created_at=now,
            updated_at=now,
            looks_for=only or KINDS[0],
        )
        offered = webhook.recover_since
        entry = recovery_entry(recovery, "started", origin, rng=self.rng)
        takes_offer = offered is not None and since <= offered
        self.recoveries.start(recovery, entry, takes_offer=takes_offer, idempotency_key=idempotency_key)
        return recovery

    def cancel(self, webhook: Webhook, recovery_id: UUID, origin: Origin) -> Recovery:
        """Cancel a recovery and return it. A cancelled recovery stays cancelled. Sent deliveries are still attempted.

        Raises `RecoveryNotFoundError`, and `RecoveryFinishedError` if it has finished.
        """
        recovery = self.get(webhook.account_id, webhook.id, recovery_id)
        if recovery.status == "running":
            self.recoveries.end(recovery, "cancelled", recovery_entry(recovery, "cancelled", origin, rng=self.rng))
            recovery = self.get(webhook.account_id, webhook.id, recovery_id)
        if recovery.status == "finished":
            raise RecoveryFinishedError
        return recovery

    def get(self, account_id: str, webhook_id: UUID, recovery_id: UUID) -> Recovery:
        """Read one recovery of a webhook, strongly consistent. Raises `RecoveryNotFoundError`."""
        found = self.recoveries.find(account_id, webhook_id, recovery_id)
        if found is None:
            raise RecoveryNotFoundError
        return found


def recovery_id(now: datetime, rng: Random) -> UUID:
    """Create a version 7 UUID (RFC 9562, 5.7). These ids sort by the millisecond of their creation."""
    return id_by_time(now, rng.getrandbits(LOW_BITS), version=7)


def recovery_entry(
    recovery: Recovery, what: str, origin: Origin, *, rng: Random, details: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Create the audit entry of a recovery that was started, cancelled or finished."""
    all_details = {
        "recoveryId": str(recovery.id),
        "only": recovery.only,
        "since": rfc3339(recovery.since),
        **(details or {}),
    }
    return new_entry(origin, f"webhook.recovery_{what}", recovery.webhook_id, rng=rng, details=all_details)
