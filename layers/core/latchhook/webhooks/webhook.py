"""A webhook: where an account wants which events, and the secrets that sign them."""

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
"""What one fan-out reads in one query."""

_DEFAULT_WEBHOOKS = UUID("7d4f1c52-3c5e-4c0b-9a43-0a1a5b0d1f1e")


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook. `secrets` are newest first; `url` is None only on a default webhook that has none yet."""

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
    """Which of its events it gets by their bodies; None for all."""
    headers: tuple[CustomHeader, ...] = ()
    retry_schedule_seconds: tuple[int, ...] | None = None
    """Its own waits between attempts; None for the deployment's."""
    disabled_reason: str | None = None
    """Why it is disabled: `gone` or `failing` (health.py), or `manual` (changing.py)."""
    failing_since: datetime | None = None
    """When the first of its failures was after which no attempt has succeeded."""
    failures: int = 0
    """How many there have been since, counted up to what matters."""
    failing_notified: bool = False
    """Whether the account has been told."""
    key_pairs: tuple[StoredKeyPair, ...] = ()
    """What signs beside the secrets, newest first; none where its receiver did not ask for asymmetric signatures."""
    disabled_at: datetime | None = None
    """When it was disabled; None if it is not."""
    recover_since: datetime | None = None
    """Since when it may have failed or missed deliveries that a recovery would bring; None if nothing is offered."""
    rate_limit: RateLimit | None = None
    """How many of its attempts may be made in a window, spread evenly; None for no limit."""
    slow_seconds: int | None = None
    """How long its receiver takes, up to, as a class (slowness.py); None for a fast one."""
    version: int = 0
    """Counts the changes of what people choose."""


def default_webhook_id(account_id: str) -> UUID:
    """The id of an account's default webhook, the settings of document 000; the same account has always the same.

    So it is read by its key, and two requests that make it at once make one.
    """
    return uuid5(_DEFAULT_WEBHOOKS, account_id)


def encryption_context(account_id: str, webhook_id: UUID) -> Mapping[str, str]:
    """What KMS binds a secret to: a ciphertext moved to another account's or webhook's record does not decrypt."""
    return {"accountId": account_id, "webhookId": str(webhook_id)}
