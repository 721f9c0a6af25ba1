"""A webhook's health: what many failures and one success make of it (contracts.md, under "Webhooks").

Nothing is written for a success that follows a success, nor for a failure of a webhook whose failures are known to be
many: then only time decides, and the webhook was read for the attempt anyway.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.clock import rfc3339
from latchhook.identity.caller import system
from latchhook.webhooks.webhook import Webhook

DISABLED_AFTER = timedelta(days=5)
"""Of nothing but failures; half of it is when the account is told."""
MIN_FAILURES = 10
"""Fewer attempts say too little, however long they took."""

GONE, FAILING = "gone", "failing"
"""Why a webhook is disabled: its receiver answered 410, or has failed for days."""


class HealthRecords(Protocol):
    """Where webhooks are kept."""

    def note_failure(self, webhook: Webhook, *, now: datetime) -> Webhook | None:
        """Counts a failure and gives the webhook as it is then; None if it is not there, or not active."""

    def note_success(self, webhook: Webhook) -> None:
        """Forgets the failures of a webhook that is as it was read."""

    def note_failing(self, webhook: Webhook, entry: AuditEntry) -> None:
        """Records once, for failures since that moment, that the account is told."""

    def disable(self, webhook: Webhook, *, reason: str, as_of: datetime, entry: AuditEntry) -> None:
        """Disables the webhook unless people changed it after `as_of`, or, if it fails, it has recovered."""


@dataclass(frozen=True, slots=True)
class Health:
    """Keeps the health of webhooks."""

    records: HealthRecords
    rng: Random

    def succeeded(self, webhook: Webhook) -> None:
        """One success clears it."""
        if webhook.failing_since is not None:
            self.records.note_success(webhook)

    def failed(self, webhook: Webhook, *, now: datetime) -> None:
        """One more failure; the account is told after half of the time, and the webhook disabled after all of it."""
        known = webhook.failing_since is not None and webhook.failures >= MIN_FAILURES
        current = webhook if known else self.records.note_failure(webhook, now=now)
        if current is not None:
            self.decide(current, now=now)

    def decide(self, webhook: Webhook, *, now: datetime) -> None:
        """What follows from the failures that are counted; decided twice, it is done once."""
        if webhook.failing_since is None or webhook.failures < MIN_FAILURES:
            return
        age = now - webhook.failing_since
        if age >= DISABLED_AFTER:
            self._disable(webhook, FAILING, now=now, as_of=now)
        elif age >= DISABLED_AFTER / 2 and not webhook.failing_notified:
            details = {"failingSince": rfc3339(webhook.failing_since)}
            origin = Origin(system(webhook.account_id, "deliveries"), "", "", now)
            self.records.note_failing(
                webhook, new_entry(origin, "webhook.failing", webhook.id, rng=self.rng, details=details)
            )

    def gone(self, webhook: Webhook, *, now: datetime, as_of: datetime) -> None:
        """Its receiver said at `as_of` that there will be none again (RFC 9110, 15.5.11)."""
        self._disable(webhook, GONE, now=now, as_of=as_of)

    def _disable(self, webhook: Webhook, reason: str, *, now: datetime, as_of: datetime) -> None:
        origin = Origin(system(webhook.account_id, "deliveries"), "", "", now)
        entry = new_entry(origin, "webhook.disabled", webhook.id, rng=self.rng, details={"reason": reason})
        self.records.disable(webhook, reason=reason, as_of=as_of, entry=entry)
