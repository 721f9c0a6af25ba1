"""Disables webhooks that fail for days, notifies their account before, and resets them after a success.

A success after a success writes nothing. A failure of a webhook that already has enough failures writes nothing either,
because from then on only the elapsed time decides.
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
"""The time of continuous failures after which a webhook is disabled. The account is notified after half of it."""
MIN_FAILURES = 10
"""A webhook with fewer failures is never disabled for failures."""

GONE, FAILING = "gone", "failing"
"""The reasons for disabling a webhook: its receiver responded with 410, or its attempts failed for days."""


class HealthRecords(Protocol):
    """The storage of webhooks."""

    def note_failure(self, webhook: Webhook, *, now: datetime) -> Webhook | None:
        """Count a failure and return the changed webhook, or None if it does not exist or is not active."""

    def note_success(self, webhook: Webhook) -> None:
        """Reset the failures of a webhook, unless new failures have begun since it was read."""

    def note_failing(self, webhook: Webhook, entry: AuditEntry) -> None:
        """Record that the account was notified, once for each period of failures."""

    def disable(self, webhook: Webhook, *, reason: str, as_of: datetime, entry: AuditEntry) -> None:
        """Disable the webhook, unless its settings were changed after `as_of` or a failing webhook has recovered."""


@dataclass(frozen=True, slots=True)
class Health:
    """Updates the health of webhooks."""

    records: HealthRecords
    rng: Random

    def succeeded(self, webhook: Webhook) -> None:
        """Reset the failures after a success."""
        if webhook.failing_since is not None:
            self.records.note_success(webhook)

    def failed(self, webhook: Webhook, *, now: datetime) -> None:
        """Count a failure, then notify the account or disable the webhook if its time has come."""
        known = webhook.failing_since is not None and webhook.failures >= MIN_FAILURES
        current = webhook if known else self.records.note_failure(webhook, now=now)
        if current is not None:
            self.decide(current, now=now)

    def decide(self, webhook: Webhook, *, now: datetime) -> None:
        """Notify the account or disable the webhook, depending on its counted failures. A repetition has no effect."""
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
        """Disable the webhook, because its receiver responded with 410 Gone at `as_of` (RFC 9110, 15.5.11)."""
        self._disable(webhook, GONE, now=now, as_of=as_of)

    def _disable(self, webhook: Webhook, reason: str, *, now: datetime, as_of: datetime) -> None:
        origin = Origin(system(webhook.account_id, "deliveries"), "", "", now)
        entry = new_entry(origin, "webhook.disabled", webhook.id, rng=self.rng, details={"reason": reason})
        self.records.disable(webhook, reason=reason, as_of=as_of, entry=entry)
