"""Registering webhooks: where they go, the secrets that sign them, and the account's one default webhook."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from uuid import UUID

import pytest

from latchhook.audit import AuditEntry
from latchhook.webhooks.errors import TooManyWebhooksError, WebhookNotFoundError
from latchhook.webhooks.registering import WebhookRegistry
from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.webhook import Webhook, default_webhook_id
from tests.samples import ACCOUNT, NOW, SECOND, origin

URL = "https://receiver.example/hooks"


class RememberedWebhooks:
    """A store of webhooks and of every audit entry."""

    def __init__(self) -> None:
        self.webhooks: dict[UUID, Webhook] = {}
        self.entries: list[AuditEntry] = []

    def add_webhook(self, webhook: Webhook, entry: AuditEntry) -> bool:
        if webhook.id in self.webhooks:
            return False
        self.webhooks[webhook.id] = webhook
        self.entries.append(entry)
        return True

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        found = self.webhooks.get(webhook_id)
        return found if found is not None and found.account_id == account_id else None

    def set_url(self, webhook: Webhook, url: str | None, *, now: datetime, entry: AuditEntry) -> Webhook:
        self.webhooks[webhook.id] = replace(webhook, url=url, updated_at=now)
        self.entries.append(entry)
        return self.webhooks[webhook.id]

    def replace_secrets(
        self, webhook: Webhook, secrets: Sequence[StoredSecret], *, now: datetime, entry: AuditEntry
    ) -> None:
        self.webhooks[webhook.id] = replace(webhook, secrets=tuple(secrets), updated_at=now)
        self.entries.append(entry)

    def record(self, entry: AuditEntry) -> None:
        self.entries.append(entry)


class WebhooksMadeByAnotherMeanwhile(RememberedWebhooks):
    """Another request makes the default webhook after we looked for it and before we store ours."""

    def __init__(self, others: Webhook) -> None:
        super().__init__()
        self._others = others

    def add_webhook(self, webhook: Webhook, entry: AuditEntry) -> bool:
        self.webhooks.setdefault(self._others.id, self._others)
        return super().add_webhook(webhook, entry)


class WebhooksDeletedAtOnce(RememberedWebhooks):
    """Another request makes the default webhook and deletes it again."""

    def add_webhook(self, webhook: Webhook, entry: AuditEntry) -> bool:
        return False


class FullAccount(RememberedWebhooks):
    def add_webhook(self, webhook: Webhook, entry: AuditEntry) -> bool:
        raise TooManyWebhooksError


class LockBox:
    """A vault that binds a secret to its webhook, as KMS does."""

    def seal(self, account_id: str, webhook_id: UUID, secret: str) -> StoredSecret:
        return StoredSecret(f"{account_id}/{webhook_id}/{secret[::-1]}".encode())

    def reveal(self, account_id: str, webhook_id: UUID, secret: StoredSecret) -> str:
        owner, owned, sealed = secret.ciphertext.decode().split("/", 2)
        assert (owner, owned) == (account_id, str(webhook_id))
        return sealed[::-1]


def _registry(store: RememberedWebhooks, *, seed: int = 1) -> WebhookRegistry:
    return WebhookRegistry(store=store, vault=LockBox(), rng=Random(seed))


def _create(store: RememberedWebhooks, *, secret: str | None = None, events: Sequence[str] = ("*",)) -> Webhook:
    webhook, _ = _registry(store).create(url=URL, events=events, description=None, secret=secret, origin=origin())
    return webhook


def test_a_new_webhook_is_active_and_stored_with_a_sealed_secret() -> None:
    store = RememberedWebhooks()

    webhook, secret = _registry(store).create(
        url=URL, events=("lap.*", "order.paid"), description="laps", secret=None, origin=origin()
    )

    assert store.webhooks == {webhook.id: webhook}
    assert (webhook.account_id, webhook.url, webhook.events) == (ACCOUNT, URL, ("lap.*", "order.paid"))
    assert (webhook.description, webhook.status, webhook.created_at) == ("laps", "active", NOW)
    assert secret.startswith("whsec_")
    assert secret.encode() not in webhook.secrets[0].ciphertext
    assert LockBox().reveal(ACCOUNT, webhook.id, webhook.secrets[0]) == secret


def test_the_caller_may_bring_a_secret() -> None:
    webhook, secret = _registry(RememberedWebhooks()).create(
        url=URL, events=("*",), description=None, secret="my own sixteen characters", origin=origin()
    )

    assert secret == "my own sixteen characters"
    assert LockBox().reveal(ACCOUNT, webhook.id, webhook.secrets[0]) == secret


def test_a_pattern_named_twice_is_kept_once() -> None:
    assert _create(RememberedWebhooks(), events=("b", "a", "b")).events == ("b", "a")


def test_an_account_that_is_full_hears_so() -> None:
    with pytest.raises(TooManyWebhooksError):
        _create(FullAccount())


def test_the_default_webhook_is_made_when_it_is_first_read() -> None:
    store = RememberedWebhooks()

    webhook, secret = _registry(store).default_with_secret(origin())

    assert webhook.id == default_webhook_id(ACCOUNT)
    assert (webhook.url, webhook.events, webhook.status) == (None, ("*",), "active")
    assert secret.startswith("whsec_")
    assert list(store.webhooks) == [webhook.id]


def test_the_default_webhook_is_made_once_and_keeps_its_secret() -> None:
    store = RememberedWebhooks()

    first = _registry(store, seed=1).default_with_secret(origin())

    assert _registry(store, seed=2).default_with_secret(origin()) == first


def test_each_account_has_a_default_webhook_of_its_own() -> None:
    store = RememberedWebhooks()

    _registry(store).default_with_secret(origin("acct_1"))
    _registry(store, seed=2).default_with_secret(origin("acct_2"))

    assert {webhook.account_id for webhook in store.webhooks.values()} == {"acct_1", "acct_2"}


def test_of_two_requests_that_make_the_default_webhook_at_once_the_first_ones_counts() -> None:
    elsewhere = RememberedWebhooks()
    others, others_secret = _registry(elsewhere, seed=9).default_with_secret(origin())

    webhook, secret = _registry(WebhooksMadeByAnotherMeanwhile(others)).default_with_secret(origin())

    assert (webhook, secret) == (others, others_secret)


def test_a_default_webhook_that_was_made_and_deleted_meanwhile_is_not_found() -> None:
    with pytest.raises(WebhookNotFoundError):
        _registry(WebhooksDeletedAtOnce()).default_with_secret(origin())


@pytest.mark.parametrize("url", [URL, None])
def test_setting_the_url_makes_the_default_webhook_if_there_is_none(url: str | None) -> None:
    store = RememberedWebhooks()

    _registry(store).set_default_url(url, origin())

    assert store.webhooks[default_webhook_id(ACCOUNT)].url == url


def test_setting_the_url_keeps_the_secret() -> None:
    store = RememberedWebhooks()
    _, secret = _registry(store).default_with_secret(origin())

    _registry(store, seed=2).set_default_url(URL, origin())

    assert _registry(store).default_with_secret(origin())[1] == secret


def test_after_a_rotation_the_old_secret_signs_nothing() -> None:
    store = RememberedWebhooks()
    registry = _registry(store)
    _, old = registry.default_with_secret(origin())

    webhook, new = registry.rotate_default_secret(origin(at=NOW + SECOND))

    kept = store.webhooks[webhook.id]
    assert new != old
    assert [LockBox().reveal(ACCOUNT, webhook.id, secret) for secret in kept.secrets] == [new]
    assert registry.default_with_secret(origin(at=NOW + SECOND))[1] == new


def test_every_change_and_every_reading_of_the_secret_is_audited() -> None:
    store = RememberedWebhooks()
    registry = _registry(store)

    registry.create(url=URL, events=("*",), description=None, secret=None, origin=origin())
    registry.default_with_secret(origin())
    registry.set_default_url(URL, origin())
    registry.rotate_default_secret(origin())

    assert [entry.action for entry in store.entries] == [
        "webhook.created",
        "webhook.created",
        "webhook.secret_read",
        "webhook.updated",
        "webhook.secret_rotated",
    ]
    assert {entry.target_id for entry in store.entries[1:]} == {str(default_webhook_id(ACCOUNT))}
    assert "whsec_" not in repr(store.entries)
