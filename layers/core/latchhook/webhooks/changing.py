"""Changes a webhook's settings and rotates its secrets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.canonical_json import same_json
from latchhook.idempotency_records import IdempotencyKey
from latchhook.optimistic_locking import retry_on_conflict
from latchhook.rates import RateLimit
from latchhook.webhooks.custom_headers import CustomHeader, is_secret, kept
from latchhook.webhooks.errors import TooManySecretsError
from latchhook.webhooks.key_pairs import StoredKeyPair, generate_private_key, public_key_of
from latchhook.webhooks.ports import Sealer
from latchhook.webhooks.retry_schedule import longest_delivery
from latchhook.webhooks.secrets import MAX_LIVE, S, generate_secret, live, previous_until
from latchhook.webhooks.webhook import Status, Webhook

MAX_GRACE_SECONDS = 604_800
"""Seven days."""

RESUMED = "webhook.resumed"
DISABLED = "webhook.disabled"

MANUAL = "manual"
"""The `disabled_reason` of a webhook that a caller disabled."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """The settings of a webhook. The request schema has checked their form, and the edge the URL's addresses."""

    url: str | None
    events: Sequence[str]
    description: str | None = None
    filter: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Values by name. The value `custom_headers.REDACTED` keeps the stored secret value."""
    retry_schedule_seconds: Sequence[int] | None = None
    rate_limit: RateLimit | None = None
    status: Status | None = None
    """`paused` parks deliveries. `active` releases them, or enables the webhook. `disabled` records missed deliveries.

    None keeps the status. A new webhook is active."""
    asymmetric_signatures: bool = False
    """Whether a key pair signs in addition to the secrets."""


class WebhookRecords(Protocol):
    """The storage of webhooks."""

    def webhook(self, account_id: str, webhook_id: UUID) -> Webhook:
        """Return a webhook of the account, with a strongly consistent read. Raises `WebhookNotFoundError`."""

    def replace(
        self, before: Webhook, after: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None
    ) -> None:
        """Store the changed fields and the audit entry in one transaction.

        Raises `WebhookChangedError` on a conflict, `WebhookNotFoundError` and `AlreadyCompletedError`.
        """


@dataclass(frozen=True, slots=True)
class Issued:
    """A webhook with its new secret."""

    webhook: Webhook
    secret: str = field(repr=False)
    previous_until: datetime | None = None
    """The end of the previous secrets' grace period. None if they no longer sign."""


@dataclass(frozen=True, slots=True)
class WebhookEditor:
    """Changes webhooks of the caller's account."""

    store: WebhookRecords
    vault: Sealer
    rng: Random
    schedule_seconds: Sequence[int] = ()
    """The deployment's retry schedule."""

    def change(self, webhook_id: UUID, edit: Callable[[Webhook], WebhookSettings], origin: Origin) -> Webhook:
        """Apply `edit` and return the changed webhook. Write nothing if no setting changes.

        Raises `WebhookNotFoundError`.
        """

        def changed(before: Webhook) -> Webhook:
            chosen = edit(before)
            status = chosen.status or _status_at(chosen.url, before)
            enabled = before.status == "disabled" and status == "active"
            disabled = before.status != "disabled" and status == "disabled"
            return replace(
                before,
                url=chosen.url,
                events=tuple(dict.fromkeys(chosen.events)),
                description=chosen.description,
                filter=chosen.filter,
                headers=sealed_headers(self.vault, before.account_id, before.id, before.headers, chosen.headers),
                retry_schedule_seconds=None
                if chosen.retry_schedule_seconds is None
                else tuple(chosen.retry_schedule_seconds),
                status=status,
                disabled_reason=(MANUAL if disabled else before.disabled_reason) if status == "disabled" else None,
                # An enabled webhook starts without failures.
                failing_since=None if enabled else before.failing_since,
                failures=0 if enabled else before.failures,
                failing_notified=not enabled and before.failing_notified,
                rate_limit=chosen.rate_limit,
                # The latency of the new receiver is unknown.
                slow_seconds=before.slow_seconds if chosen.url == before.url else None,
                disabled_at=(origin.at if disabled else before.disabled_at) if status == "disabled" else None,
                recover_since=before.recover_since
                if before.status != "disabled" or status == "disabled"
                else self._offer(before),
                key_pairs=self._key_pairs(before, wanted=chosen.asymmetric_signatures),
            )

        return self._store(webhook_id, changed, origin)

    def rotate_secret(
        self,
        webhook_id: UUID,
        *,
        grace_seconds: int,
        secret: str | None,
        origin: Origin,
        idempotency_key: IdempotencyKey | None = None,
    ) -> Issued:
        """Give the webhook a new secret: `secret`, or a generated secret if it is None.

        Previous secrets sign until the grace period ends.
        If the webhook has a key pair, rotate it too. A new key pair is always generated.
        Raises `WebhookNotFoundError`, `AlreadyCompletedError`, and `TooManySecretsError` if the maximum number of
        secrets signs already.
        """
        text = secret or generate_secret(self.rng)

        def rotated(before: Webhook) -> Webhook:
            new = self.vault.seal(before.account_id, before.id, text)
            secrets = (new, *_ending(before.secrets, grace_seconds, origin.at))
            if not before.key_pairs:
                return replace(before, secrets=secrets)
            pair = sealed_key_pair(self.vault, before.account_id, before.id, rng=self.rng)
            pairs = (pair, *_ending(before.key_pairs, grace_seconds, origin.at))
            return replace(before, secrets=secrets, key_pairs=pairs)

        webhook = self._store(
            webhook_id, rotated, origin, action="webhook.secret_rotated", idempotency_key=idempotency_key
        )
        return Issued(webhook, text, previous_until(webhook.secrets))

    def _offer(self, before: Webhook) -> datetime:
        """Return the start of the recovery that is offered to a re-enabled webhook. Extend an earlier offer.

        Deliveries that were still being retried when the failures began, or when the webhook was disabled, can have
        older events. These events are at most as much older as one retry schedule takes.
        """
        own = before.retry_schedule_seconds
        longest = longest_delivery(self.schedule_seconds if own is None else own)
        began = before.failing_since or before.disabled_at or before.updated_at
        since = max(before.created_at, began - longest)
        return since if before.recover_since is None else min(since, before.recover_since)

    def _key_pairs(self, before: Webhook, *, wanted: bool) -> tuple[StoredKeyPair, ...]:
        if not wanted:
            return ()
        return before.key_pairs or (sealed_key_pair(self.vault, before.account_id, before.id, rng=self.rng),)

    def _store(
        self,
        webhook_id: UUID,
        change: Callable[[Webhook], Webhook],
        origin: Origin,
        *,
        action: str | None = None,
        idempotency_key: IdempotencyKey | None = None,
    ) -> Webhook:
        def store() -> Webhook:
            before = self.store.webhook(origin.caller.account_id, webhook_id)
            changed = change(before)
            if changed == before and same_json(changed.filter, before.filter):
                return before
            after = replace(changed, updated_at=origin.at, version=before.version + 1)
            name = action or _action(before, after)
            details = {"reason": MANUAL} if name == DISABLED else None
            entry = new_entry(origin, name, webhook_id, rng=self.rng, details=details)
            self.store.replace(before, after, entry, idempotency_key)
            return after

        return retry_on_conflict(store, rng=self.rng)


def _action(before: Webhook, after: Webhook) -> str:
    """Return the audit action of a change. `webhook.resumed` and `webhook.disabled` also release parked deliveries."""
    if after.status == "disabled" != before.status:
        return DISABLED
    if before.status == "paused" and after.status == "active":
        return RESUMED
    return "webhook.paused" if after.status == "paused" != before.status else "webhook.updated"


def _status_at(url: str | None, before: Webhook) -> Status:
    """Return the status after a change without status. A new URL enables a webhook that was disabled for failures."""
    is_moved = url != before.url and before.status == "disabled" and before.disabled_reason != MANUAL
    return "active" if is_moved else before.status


def settings_of(webhook: Webhook) -> WebhookSettings:
    """Return a webhook's current settings in the form of a request."""
    return WebhookSettings(
        url=webhook.url,
        events=webhook.events,
        description=webhook.description,
        filter=webhook.filter,
        headers={header.name: header.shown for header in webhook.headers},
        retry_schedule_seconds=webhook.retry_schedule_seconds,
        rate_limit=webhook.rate_limit,
        asymmetric_signatures=bool(webhook.key_pairs),
    )


def sealed_headers(
    vault: Sealer, account_id: str, webhook_id: UUID, before: Sequence[CustomHeader], wanted: Mapping[str, str]
) -> tuple[CustomHeader, ...]:
    """Return the headers in stored form. Values of headers with a secret name are encrypted."""
    old = kept(before, wanted)
    return tuple(
        old[name]
        if name in old
        else CustomHeader(name, None, vault.seal(account_id, webhook_id, value))
        if is_secret(name)
        else CustomHeader(name, value)
        for name, value in wanted.items()
    )


def sealed_key_pair(vault: Sealer, account_id: str, webhook_id: UUID, *, rng: Random) -> StoredKeyPair:
    """Create a key pair in stored form, with an encrypted private key. Only deliveries decrypt it."""
    private_key = generate_private_key(rng)
    sealed = vault.seal(account_id, webhook_id, private_key)
    return StoredKeyPair(sealed.ciphertext, public_key=public_key_of(private_key))


def _ending(secrets: Sequence[S], grace_seconds: int, now: datetime) -> tuple[S, ...]:
    """Return the secrets or key pairs that sign together with a new one, each until the grace ends at the latest."""
    end = now + timedelta(seconds=grace_seconds)
    if grace_seconds == 0:
        return ()
    ending = tuple(
        replace(secret, signs_until=end if secret.signs_until is None else min(secret.signs_until, end))
        for secret in live(secrets, now)
    )
    if len(ending) >= MAX_LIVE:
        raise TooManySecretsError
    return ending
