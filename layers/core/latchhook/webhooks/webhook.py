"""A webhook: endpoint URL, event names, filter, secrets and state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from latchhook.rates import RateLimit
from latchhook.webhooks.custom_headers import CustomHeader
from latchhook.webhooks.key_pairs import StoredKeyPair
from latchhook.webhooks.secrets import StoredSecret

Status = Literal["active", "paused", "disabled"]

ALL_EVENTS = ("*",)
MAX_WEBHOOKS_PER_ACCOUNT = 50
"""The number of webhooks that a fan-out reads in one query."""

_DEFAULT_WEBHOOKS = UUID("7d4f1c52-3c5e-4c0b-9a43-0a1a5b0d1f1e")


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook. `secrets` are ordered newest first. `url` is None only for a default webhook without URL."""

    id: UUID
    account_id: str
    url: str | None
    events: tuple[str, ...]
    description: str | None
    status: Status
    secrets: tuple[StoredSecret, ...]
    created_at: datetime
    updated_at: datetime
    filter: Mapping[str, Any] | None = None
    """The filter for event bodies. With None, all subscribed events match."""
    headers: tuple[CustomHeader, ...] = ()
    retry_schedule_seconds: tuple[int, ...] | None = None
    """The webhook's own retry schedule. None for the deployment's schedule."""
    disabled_reason: str | None = None
    """The reason for a disabled webhook: `gone` or `failing` (health.py), or `manual` (changing.py)."""
    failing_since: datetime | None = None
    """The time of the first failure since the last success."""
    failures: int = 0
    """The number of failures since the last success, counted up to `health.MIN_FAILURES`."""
    failing_notified: bool = False
    """Whether the account was notified of the failures."""
    key_pairs: tuple[StoredKeyPair, ...] = ()
    """Key pairs that sign in addition to the secrets, newest first. Empty without asymmetric signatures."""
    disabled_at: datetime | None = None
    """The time of disabling, or None if the webhook is not disabled."""
    recover_since: datetime | None = None
    """The start of an offered recovery: from here on, deliveries may have failed or been missed. None without offer."""
    rate_limit: RateLimit | None = None
    """The maximum number of attempts per time window, spread evenly. None without limit."""
    slow_seconds: int | None = None
    """The latency class of a slow receiver, as an upper limit in seconds (slowness.py). None for a fast receiver."""
    version: int = 0
    """The number of changes to the settings, for optimistic locking."""


def default_webhook_id(account_id: str) -> UUID:
    """Return the id of an account's default webhook. It is derived from the account id.

    Therefore the webhook is read by its key, and two simultaneous requests create only one default webhook.
    """
    return uuid5(_DEFAULT_WEBHOOKS, account_id)


def encryption_context(account_id: str, webhook_id: UUID) -> Mapping[str, str]:
    """Return the KMS encryption context. A secret in another account's or webhook's record does not decrypt."""
    return {"accountId": account_id, "webhookId": str(webhook_id)}
