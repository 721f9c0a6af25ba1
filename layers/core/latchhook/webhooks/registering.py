"""Registers webhooks, and manages the default webhook that each account has."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Literal, Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.idempotency_records import IdempotencyKey
from latchhook.webhooks.changing import (
    MANUAL,
    Issued,
    WebhookEditor,
    WebhookSettings,
    sealed_headers,
    sealed_key_pair,
    settings_of,
)
from latchhook.webhooks.custom_headers import REDACTED
from latchhook.webhooks.endpoint_url import same_origin
from latchhook.webhooks.ports import Vault
from latchhook.webhooks.secrets import generate_secret, live
from latchhook.webhooks.webhook import ALL_EVENTS, Webhook, default_webhook_id


class WebhookStore(Protocol):
    """The storage of webhooks. Each change and its audit entry are one transaction."""

    def add_webhook(self, webhook: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None) -> bool:
        """Store a new webhook. Return False if its id exists.

        Raises `TooManyWebhooksError` and `AlreadyCompletedError`.
        """

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        """Return a webhook of the account, or None."""

    def webhook(self, account_id: str, webhook_id: UUID) -> Webhook:
        """Return a webhook of the account. Raises `WebhookNotFoundError`."""

    def record(self, entry: AuditEntry) -> None:
        """Store an audit entry that belongs to no change."""


@dataclass(frozen=True, slots=True)
class WebhookRegistry:
    """Registers webhooks in the caller's account."""

    store: WebhookStore
    editor: WebhookEditor
    vault: Vault
    rng: Random

    def create(
        self,
        chosen: WebhookSettings,
        *,
        secret: str | None,
        origin: Origin,
        idempotency_key: IdempotencyKey | None = None,
    ) -> Issued:
        """Create a webhook with `secret`, or with a generated secret if it is None.

        Raises `TooManyWebhooksError` and `AlreadyCompletedError`.
        """
        text = secret or generate_secret(self.rng)
        webhook_id = UUID(int=self.rng.getrandbits(128), version=4)
        webhook = self._new(webhook_id, chosen, secret=text, origin=origin)
        self.store.add_webhook(webhook, self._entry(origin, "webhook.created", webhook_id), idempotency_key)
        return Issued(webhook, text)

    def default_with_secret(self, origin: Origin) -> tuple[Webhook, str]:
        """Return the default webhook and its secret. Create the webhook if it does not exist. The read is audited."""
        webhook = self._default(origin)
        self.store.record(self._entry(origin, "webhook.secret_read", webhook.id))
        return webhook, self._newest_secret(webhook, origin.at)

    def set_default_url(self, url: str | None, origin: Origin) -> None:
        """Set the URL of the default webhook. Create the webhook if it does not exist, and enable it if it is disabled.

        The settings endpoint has no other way to enable it. If the URL leads to another receiver, headers with secret
        values are removed.
        """

        def edit(before: Webhook) -> WebhookSettings:
            chosen = settings_of(before)
            status: Literal["active"] | None = "active" if before.status == "disabled" else None
            stays = same_origin(url, before.url)
            headers = {name: value for name, value in chosen.headers.items() if stays or value != REDACTED}
            return dataclasses.replace(chosen, url=url, status=status, headers=headers)

        self.editor.change(self._default(origin).id, edit, origin)

    def rotate_default_secret(self, origin: Origin, idempotency_key: IdempotencyKey | None = None) -> Issued:
        """Give the default webhook a new secret. The previous secret stops signing at once.

        Raises `AlreadyCompletedError`.
        """
        return self.editor.rotate_secret(
            self._default(origin).id, grace_seconds=0, secret=None, origin=origin, idempotency_key=idempotency_key
        )

    def _default(self, origin: Origin) -> Webhook:
        account_id = origin.caller.account_id
        webhook_id = default_webhook_id(account_id)
        found = self.store.find_webhook(account_id, webhook_id)
        if found is not None:
            return found
        secret = generate_secret(self.rng)
        made = self._new(webhook_id, WebhookSettings(None, ALL_EVENTS), secret=secret, origin=origin)
        if self.store.add_webhook(made, self._entry(origin, "webhook.created", webhook_id)):
            return made
        return self.store.webhook(account_id, webhook_id)

    def _new(self, webhook_id: UUID, chosen: WebhookSettings, *, secret: str, origin: Origin) -> Webhook:
        account_id = origin.caller.account_id
        status = chosen.status or "active"
        return Webhook(
            id=webhook_id,
            account_id=account_id,
            url=chosen.url,
            events=tuple(dict.fromkeys(chosen.events)),
            description=chosen.description,
            status=status,
            disabled_reason=MANUAL if status == "disabled" else None,
            disabled_at=origin.at if status == "disabled" else None,
            secrets=(self.vault.seal(account_id, webhook_id, secret),),
            created_at=origin.at,
            updated_at=origin.at,
            filter=chosen.filter,
            headers=sealed_headers(self.vault, account_id, webhook_id, (), chosen.headers),
            retry_schedule_seconds=None
            if chosen.retry_schedule_seconds is None
            else tuple(chosen.retry_schedule_seconds),
            rate_limit=chosen.rate_limit,
            key_pairs=(sealed_key_pair(self.vault, account_id, webhook_id, rng=self.rng),)
            if chosen.asymmetric_signatures
            else (),
        )

    def _newest_secret(self, webhook: Webhook, now: datetime) -> str:
        return self.vault.reveal(webhook.account_id, webhook.id, live(webhook.secrets, now)[0])

    def _entry(self, origin: Origin, action: str, webhook_id: UUID) -> AuditEntry:
        return new_entry(origin, action, webhook_id, rng=self.rng)
