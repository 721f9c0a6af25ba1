"""Changing a webhook: where it goes, what it gets, what goes with it, and the secrets that sign."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.canonical_json import same_json
from latchhook.idempotency_records import AlreadyCompletedError, IdempotencyKey, same_request
from latchhook.optimistic_locking import retry_on_conflict
from latchhook.rates import RateLimit
from latchhook.webhooks.custom_headers import CustomHeader, is_secret, kept
from latchhook.webhooks.errors import TooManySecretsError
from latchhook.webhooks.key_pairs import StoredKeyPair, generate_private_key, public_key_of
from latchhook.webhooks.retry_schedule import longest_delivery
from latchhook.webhooks.secrets import MAX_LIVE, S, StoredSecret, generate_secret, live, previous_until
from latchhook.webhooks.webhook import Status, Webhook

MAX_GRACE_SECONDS = 604_800
"""Seven days (contracts.md)."""

RESUMED = "webhook.resumed"
DISABLED = "webhook.disabled"

MANUAL = "manual"
"""Why a webhook is disabled that a caller has disabled."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """What people choose about a webhook. The shapes are the schema's to check, the URL's addresses the edge's."""

    url: str | None
    events: Sequence[str]
    description: str | None = None
    filter: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Values by name; `custom_headers.REDACTED` stands for a secret value that stays as it is."""
    retry_schedule_seconds: Sequence[int] | None = None
    rate_limit: RateLimit | None = None
    status: Status | None = None
    """`paused` parks its deliveries, `active` releases them or enables it again, `disabled` records what is missed.

    None leaves it as it is; a new webhook is active."""
    asymmetric_signatures: bool = False
    """Whether a key pair signs beside the secrets."""


class Sealer(Protocol):
    """Encrypts what must not be read where it is kept."""

    def seal(self, account_id: str, webhook_id: UUID, secret: str) -> StoredSecret:
        """The text encrypted."""


class WebhookRecords(Protocol):
    """Where webhooks are kept."""

    def webhook(self, account_id: str, webhook_id: UUID) -> Webhook:
        """One webhook of the account, strongly consistent; raises `WebhookNotFoundError`."""

    def replace(
        self, before: Webhook, after: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None
    ) -> None:
        """Stores what has changed, in one transaction with who did it.

        Raises `WebhookChangedError` on a conflict, `WebhookNotFoundError` and `AlreadyCompletedError`.
        """

    def refuse_repeated_key(self, idempotency_key: IdempotencyKey, origin: Origin) -> None:
        """Raises `AlreadyCompletedError` where the caller's request of that name was done in the last 24 hours."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A webhook with its new secret, which is None where a repeated request was done before."""

    webhook: Webhook
    secret: str | None = field(repr=False)
    previous_until: datetime | None = None
    """When the secrets before stop to sign beside it; None if they have."""


@dataclass(frozen=True, slots=True)
class WebhookEditor:
    """Changes webhooks in the account that the caller acts for."""

    store: WebhookRecords
    vault: Sealer
    rng: Random
    schedule_seconds: Sequence[int] = ()
    """The deployment's waits between attempts."""

    def change(self, webhook_id: UUID, edit: Callable[[Webhook], WebhookSettings], origin: Origin) -> Webhook:
        """The webhook with the settings that `edit` makes of what it is. Without a change nothing is written.

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
                # What was disabled starts anew.
                failing_since=None if enabled else before.failing_since,
                failures=0 if enabled else before.failures,
                failing_notified=not enabled and before.failing_notified,
                rate_limit=chosen.rate_limit,
                # Of another receiver nothing is known.
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
        """The webhook and its new secret, the caller's own or a new one; the one before signs until the grace ends.

        So with its key pair, if it has one: the new one is always ours.
        Raises `WebhookNotFoundError`, `IdempotencyKeyReusedError`, and `TooManySecretsError` where as many sign as may.
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

        try:
            webhook = self._rotate(webhook_id, rotated, origin, idempotency_key)
        except AlreadyCompletedError as already:
            done = same_request(already, idempotency_key)
            return Issued(self.store.webhook(origin.caller.account_id, done.target_id), None, done.previous_until)
        return Issued(webhook, text, previous_until(webhook.secrets))

    def _rotate(
        self,
        webhook_id: UUID,
        rotated: Callable[[Webhook], Webhook],
        origin: Origin,
        idempotency_key: IdempotencyKey | None,
    ) -> Webhook:
        try:
            return self._store(
                webhook_id, rotated, origin, action="webhook.secret_rotated", idempotency_key=idempotency_key
            )
        except TooManySecretsError:
            if idempotency_key is not None:  # which may have made the last that may sign
                self.store.refuse_repeated_key(idempotency_key, origin)
            raise

    def _offer(self, before: Webhook) -> datetime:
        """Since when a webhook that was disabled may be recovered from: an offer that still stands is widened.

        What was still attempted when its failures began, or it was disabled, was accepted before: at most as long as
        its attempts go on.
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
    """The audit log's name of a change. `webhook.resumed` and `webhook.disabled` also release parked deliveries."""
    if after.status == "disabled" != before.status:
        return DISABLED
    if before.status == "paused" and after.status == "active":
        return RESUMED
    return "webhook.paused" if after.status == "paused" != before.status else "webhook.updated"


def _status_at(url: str | None, before: Webhook) -> Status:
    """The status after a change that names none: a new URL enables a webhook that was disabled for its failures."""
    is_moved = url != before.url and before.status == "disabled" and before.disabled_reason != MANUAL
    return "active" if is_moved else before.status


def settings_of(webhook: Webhook) -> WebhookSettings:
    """A webhook's settings as somebody could have chosen them."""
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
    """The headers as they are kept: values that are secret by their header's name encrypted."""
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
    """A new key pair as it is kept; its private key is known to nobody but who delivers."""
    private_key = generate_private_key(rng)
    sealed = vault.seal(account_id, webhook_id, private_key)
    return StoredKeyPair(sealed.ciphertext, public_key=public_key_of(private_key))


def _ending(secrets: Sequence[S], grace_seconds: int, now: datetime) -> tuple[S, ...]:
    """The secrets, or key pairs, that sign beside a new one: those that did, none of them beyond the grace."""
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
