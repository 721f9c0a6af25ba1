"""Recoveries: everything that failed, or that came while a webhook was disabled, again (contracts.md).

A recovery is a job that goes forward in steps. recovery_steps.py takes them; here it is started, watched and cancelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal, Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.clock import rfc3339
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
"""Deliveries whose newest attempt failed, and deliveries that were not attempted, their webhook being disabled."""
KINDS: tuple[Kind, ...] = ("failed", "missing")

Status = Literal["running", "finished", "cancelled"]

FIRST_STEP_AFTER = timedelta(seconds=2)
"""By then the recovery is there, as a rule; recovery_steps.py says what becomes of a step that is early."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """One recovery of a webhook, of the deliveries whose events were accepted from `since` to `until`."""

    id: UUID
    account_id: str
    webhook_id: UUID
    only: Kind | None
    """What it looks for; None for both, what failed first."""
    since: datetime
    until: datetime
    """When it was started: what comes later is delivered anyway."""
    status: Status
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    step: int = 0
    """How many it has taken."""
    looks_for: Kind = "failed"
    """Where it stands: what it looks for now."""
    after: UUID | None = None
    """Where it stands: the last delivery that it has looked at, of this kind; None for none."""
    examined: int = 0
    """How many deliveries it has looked at."""
    sent: int = 0
    """How many attempts it has had made."""
    skipped: int = 0
    """How many of the deliveries that it looks for can't be attempted any more."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a queue carries: take step number `number` (from 0) of a recovery, or the one that it is at."""

    account_id: str
    webhook_id: UUID
    recovery_id: UUID
    number: int
    asked_at: datetime
    """When the recovery was started, by the clock of who started it."""
    waits: int = 0
    """How many messages in a row before this message found no free slot."""


class Recoveries(Protocol):
    """Where recoveries are kept."""

    def is_running(self, webhook_id: UUID) -> bool:
        """Whether the webhook has a recovery that runs."""

    def start(self, recovery: Recovery, entry: AuditEntry, *, takes_offer: bool) -> None:
        """Keeps a new one, in one transaction with who asked for it and, where it takes it, the end of the offer.

        Raises `RecoveryRunningError` if the webhook has one that runs, and `WebhookNotFoundError`.
        """

    def find(self, account_id: str, webhook_id: UUID, recovery_id: UUID) -> Recovery | None:
        """One of the webhook's recoveries, strongly consistent, or None."""

    def cancel(self, recovery: Recovery, entry: AuditEntry) -> bool:
        """Ends one that runs, wherever it stands, in one transaction with who did it; False if it runs no more."""


class Steps(Protocol):
    """Where steps wait."""

    def send(self, step: Step, *, delay: timedelta) -> None:
        """Has the step come after `delay`."""


@dataclass(frozen=True, slots=True)
class Recoverer:
    """Starts and cancels recoveries."""

    recoveries: Recoveries
    steps: Steps
    rng: Random

    def start(self, webhook: Webhook, *, since: datetime, only: Kind | None, origin: Origin) -> Recovery:
        """A new recovery. Its first step is on the queue before it exists, so that none is ever without one.

        Raises `SinceInFutureError`, `WebhookNotActiveError` and `RecoveryRunningError`.
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
        step = Step(recovery.account_id, recovery.webhook_id, recovery.id, 0, now)
        self.steps.send(step, delay=FIRST_STEP_AFTER)
        offered = webhook.recover_since
        entry = recovery_entry(recovery, "started", origin, rng=self.rng)
        self.recoveries.start(recovery, entry, takes_offer=offered is not None and since <= offered)
        return recovery

    def cancel(self, webhook: Webhook, recovery_id: UUID, origin: Origin) -> Recovery:
        """The recovery, cancelled now or before; what it has sent stays sent.

        Raises `RecoveryNotFoundError`, and `RecoveryFinishedError` for one that came to its end.
        """
        recovery = self._find(webhook, recovery_id)
        if recovery.status == "running":
            self.recoveries.cancel(recovery, recovery_entry(recovery, "cancelled", origin, rng=self.rng))
            recovery = self._find(webhook, recovery_id)
        if recovery.status == "finished":
            raise RecoveryFinishedError
        return recovery

    def _find(self, webhook: Webhook, recovery_id: UUID) -> Recovery:
        found = self.recoveries.find(webhook.account_id, webhook.id, recovery_id)
        if found is None:
            raise RecoveryNotFoundError
        return found


def recovery_id(now: datetime, rng: Random) -> UUID:
    """A new UUID of version 7 (RFC 9562, 5.7): ids sort by the millisecond in which they were made."""
    return id_by_time(now, rng.getrandbits(LOW_BITS), version=7)


def recovery_entry(
    recovery: Recovery, what: str, origin: Origin, *, rng: Random, details: Mapping[str, Any] | None = None
) -> AuditEntry:
    """The audit entry of something that was done with a recovery: started, cancelled, finished."""
    told = {
        "recoveryId": str(recovery.id),
        "only": recovery.only,
        "since": rfc3339(recovery.since),
        **(details or {}),
    }
    return new_entry(origin, f"webhook.recovery_{what}", recovery.webhook_id, rng=rng, details=told)
