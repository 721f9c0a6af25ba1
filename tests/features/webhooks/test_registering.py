"""Creating webhooks, their secrets, and the account's default webhook."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from latchhook.audit import AuditEntry
from latchhook.idempotency_records import AlreadyCompletedError, CompletedRequest, IdempotencyKey
from latchhook.webhooks.changing import Issued, WebhookEditor, WebhookSettings
from latchhook.webhooks.custom_headers import CustomHeader
from latchhook.webhooks.errors import TooManyWebhooksError, WebhookNotFoundError
from latchhook.webhooks.registering import WebhookRegistry
from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.webhook import Webhook, default_webhook_id
from tests.features.webhooks.memory import LockBox, RememberedWebhooks
from tests.samples import ACCOUNT, NOW, SECOND, origin

URL = "https://receiver.example/hooks"
ONCE = IdempotencyKey("create of user_1", "the body")


class WebhooksMadeByAnotherMeanwhile(RememberedWebhooks):
    """A store in which another request creates the default webhook between the read and the write."""

    def __init__(self, others: Webhook) -> None:
        super().__init__()
        self._others = others

    def add_webhook(self, webhook: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None) -> bool:
        self.webhooks.setdefault(self._others.id, self._others)
        return super().add_webhook(webhook, entry, idempotency_key)


class WebhooksDeletedAtOnce(RememberedWebhooks):
    """A store in which another request creates and deletes the default webhook."""

    def add_webhook(self, webhook: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None) -> bool:
        return False


class FullAccount(RememberedWebhooks):
    def add_webhook(self, webhook: Webhook, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None) -> bool:
        raise TooManyWebhooksError


def _registry(store: RememberedWebhooks, *, seed: int = 1) -> WebhookRegistry:
    vault, rng = LockBox(), Random(seed)
    return WebhookRegistry(store=store, editor=WebhookEditor(store, vault, rng), vault=vault, rng=rng)


def _create(store: RememberedWebhooks, *, secret: str | None = None, events: Sequence[str] = ("*",)) -> Webhook:
    return _registry(store).create(WebhookSettings(URL, events), secret=secret, origin=origin()).webhook


def test_new_webhook_is_active_and_stored_with_a_sealed_secret() -> None:
    store = RememberedWebhooks()

    issued = _registry(store).create(
        WebhookSettings(URL, ("lap.*", "order.paid"), "laps"), secret=None, origin=origin()
    )

    webhook, secret = issued.webhook, issued.secret
    assert secret is not None

    assert store.webhooks == {webhook.id: webhook}
    assert (webhook.account_id, webhook.url, webhook.events) == (ACCOUNT, URL, ("lap.*", "order.paid"))
    assert (webhook.description, webhook.status, webhook.created_at) == ("laps", "active", NOW)
    assert secret.startswith("whsec_")
    assert secret.encode() not in webhook.secrets[0].ciphertext
    assert LockBox().reveal(ACCOUNT, webhook.id, webhook.secrets[0]) == secret


def test_caller_can_supply_the_secret() -> None:
    own = "my own sixteen characters"

    issued = _registry(RememberedWebhooks()).create(WebhookSettings(URL, ("*",)), secret=own, origin=origin())

    assert issued == Issued(issued.webhook, own)
    assert LockBox().reveal(ACCOUNT, issued.webhook.id, issued.webhook.secrets[0]) == own


@pytest.mark.parametrize(
    ("chosen", "status", "reason"),
    [
        (None, "active", None),
        ("active", "active", None),
        ("paused", "paused", None),
        ("disabled", "disabled", "manual"),
    ],
)
def test_new_webhook_has_the_chosen_status(chosen: Any, status: str, reason: str | None) -> None:
    settings = WebhookSettings(URL, ("*",), status=chosen)

    webhook = _registry(RememberedWebhooks()).create(settings, secret=None, origin=origin()).webhook

    assert (webhook.status, webhook.disabled_reason) == (status, reason)
    assert webhook.disabled_at == (NOW if status == "disabled" else None)


def test_duplicate_event_pattern_is_stored_once() -> None:
    assert _create(RememberedWebhooks(), events=("b", "a", "b")).events == ("b", "a")


def test_new_webhook_has_the_chosen_settings_and_sealed_secret_headers() -> None:
    store = RememberedWebhooks()
    headers = {"X-Shop": "acme", "Authorization": "Bearer abc"}

    chosen = WebhookSettings(
        URL, ("*",), filter={"entity": {"a": [1]}}, headers=headers, retry_schedule_seconds=[1, 60]
    )
    webhook = _registry(store).create(chosen, secret=None, origin=origin()).webhook

    assert (webhook.filter, webhook.retry_schedule_seconds) == ({"entity": {"a": [1]}}, (1, 60))
    plain, sealed = webhook.headers
    assert (plain.name, plain.value, plain.sealed) == ("X-Shop", "acme", None)
    assert (sealed.name, sealed.value) == ("Authorization", None)
    assert sealed.sealed is not None
    assert LockBox().reveal(ACCOUNT, webhook.id, sealed.sealed) == "Bearer abc"
    assert "Bearer" not in repr(store.webhooks) + repr(store.entries)


@pytest.mark.parametrize(("chosen", "kept"), [([], ()), (None, None)])
def test_empty_schedule_means_no_retries_and_not_the_default(
    chosen: Sequence[int] | None, kept: tuple[int, ...] | None
) -> None:
    issued = _registry(RememberedWebhooks()).create(
        WebhookSettings(URL, ("*",), retry_schedule_seconds=chosen), secret=None, origin=origin()
    )

    assert issued.webhook.retry_schedule_seconds == kept


def test_account_with_too_many_webhooks_cannot_create_another() -> None:
    with pytest.raises(TooManyWebhooksError):
        _create(FullAccount())


# ---- Idempotency-Key ----


def _created_once(store: RememberedWebhooks, *, seed: int, request: IdempotencyKey = ONCE) -> Issued:
    settings, at = WebhookSettings(URL, ("*",)), NOW + seed * SECOND
    return _registry(store, seed=seed).create(settings, secret=None, origin=origin(at=at), idempotency_key=request)


def test_repeated_creation_registers_no_second_webhook() -> None:
    store = RememberedWebhooks()
    first = _created_once(store, seed=1)

    with pytest.raises(AlreadyCompletedError) as repeated:
        _created_once(store, seed=2)

    assert repeated.value.done == CompletedRequest(ONCE.fingerprint, first.webhook.id)
    assert list(store.webhooks) == [first.webhook.id]
    assert store.actions == ["webhook.created"]


# ---- The default webhook ----


def test_first_read_creates_the_default_webhook() -> None:
    store = RememberedWebhooks()

    webhook, secret = _registry(store).default_with_secret(origin())

    assert webhook.id == default_webhook_id(ACCOUNT)
    assert (webhook.url, webhook.events, webhook.status) == (None, ("*",), "active")
    assert secret.startswith("whsec_")
    assert list(store.webhooks) == [webhook.id]


def test_default_webhook_is_created_once_and_keeps_its_secret() -> None:
    store = RememberedWebhooks()

    first = _registry(store, seed=1).default_with_secret(origin())

    assert _registry(store, seed=2).default_with_secret(origin()) == first


def test_each_account_has_its_own_default_webhook() -> None:
    store = RememberedWebhooks()

    _registry(store).default_with_secret(origin("acct_1"))
    _registry(store, seed=2).default_with_secret(origin("acct_2"))

    assert {webhook.account_id for webhook in store.webhooks.values()} == {"acct_1", "acct_2"}


def test_first_of_two_concurrently_created_default_webhooks_counts() -> None:
    elsewhere = RememberedWebhooks()
    others, others_secret = _registry(elsewhere, seed=9).default_with_secret(origin())

    webhook, secret = _registry(WebhooksMadeByAnotherMeanwhile(others)).default_with_secret(origin())

    assert (webhook, secret) == (others, others_secret)


def test_concurrently_deleted_default_webhook_is_not_found() -> None:
    with pytest.raises(WebhookNotFoundError):
        _registry(WebhooksDeletedAtOnce()).default_with_secret(origin())


@pytest.mark.parametrize("url", [URL, None])
def test_setting_the_url_creates_a_missing_default_webhook(url: str | None) -> None:
    store = RememberedWebhooks()

    _registry(store).set_default_url(url, origin())

    assert store.webhooks[default_webhook_id(ACCOUNT)].url == url


@pytest.mark.parametrize("url", [URL, "https://new.example/"])
def test_setting_the_url_enables_a_disabled_default_webhook(url: str) -> None:
    store = RememberedWebhooks()
    _registry(store).set_default_url(URL, origin())
    webhook_id = default_webhook_id(ACCOUNT)
    store.webhooks[webhook_id] = replace(store.webhooks[webhook_id], status="disabled", disabled_reason="gone")

    _registry(store).set_default_url(url, origin())

    webhook = store.webhooks[webhook_id]
    assert (webhook.url, webhook.status, webhook.disabled_reason) == (url, "active", None)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://receiver.example/elsewhere", ["X-Shop", "Authorization"]),
        ("https://other.example/hooks", ["X-Shop"]),
        (None, ["X-Shop"]),
    ],
)
def test_url_of_another_origin_removes_the_secret_headers(url: str | None, kept: list[str]) -> None:
    store = RememberedWebhooks()
    _registry(store).set_default_url(URL, origin())
    webhook_id = default_webhook_id(ACCOUNT)
    headers = (CustomHeader("X-Shop", "acme"), CustomHeader("Authorization", None, StoredSecret(b"sealed")))
    store.webhooks[webhook_id] = replace(store.webhooks[webhook_id], headers=headers)

    _registry(store).set_default_url(url, origin())

    assert [header.name for header in store.webhooks[webhook_id].headers] == kept


def test_setting_the_url_changes_nothing_else() -> None:
    store = RememberedWebhooks()
    _registry(store).set_default_url(URL, origin())
    before = replace(
        store.webhooks[default_webhook_id(ACCOUNT)],
        status="paused",
        events=("lap.*",),
        description="laps",
        filter={"entity": {"a": [1]}},
        headers=(CustomHeader("X-Shop", "acme"), CustomHeader("Authorization", None, StoredSecret(b"sealed"))),
        retry_schedule_seconds=(),
    )
    store.webhooks[before.id] = before

    url = "https://receiver.example/elsewhere"

    _registry(store).set_default_url(url, origin(at=NOW + SECOND))

    assert store.webhooks[before.id] == replace(before, url=url, updated_at=NOW + SECOND, version=before.version + 1)


def test_setting_the_url_keeps_the_secret() -> None:
    store = RememberedWebhooks()
    _, secret = _registry(store).default_with_secret(origin())

    _registry(store, seed=2).set_default_url(URL, origin())

    assert _registry(store).default_with_secret(origin())[1] == secret


def test_rotated_default_secret_no_longer_signs() -> None:
    store = RememberedWebhooks()
    registry = _registry(store)
    _, old = registry.default_with_secret(origin())

    issued = registry.rotate_default_secret(origin(at=NOW + SECOND))
    webhook, new = issued.webhook, issued.secret

    kept = store.webhooks[webhook.id]
    assert new != old
    assert [LockBox().reveal(ACCOUNT, webhook.id, secret) for secret in kept.secrets] == [new]
    assert registry.default_with_secret(origin(at=NOW + SECOND))[1] == new


def test_every_change_and_every_read_of_the_secret_is_audited() -> None:
    store = RememberedWebhooks()
    registry = _registry(store)

    registry.create(WebhookSettings(URL, ("*",)), secret=None, origin=origin())
    registry.default_with_secret(origin())
    registry.set_default_url(URL, origin())
    registry.rotate_default_secret(origin())

    assert store.actions == [
        "webhook.created",
        "webhook.created",
        "webhook.secret_read",
        "webhook.updated",
        "webhook.secret_rotated",
    ]
    assert {entry.target_id for entry in store.entries[1:]} == {str(default_webhook_id(ACCOUNT))}
    assert "whsec_" not in repr(store.entries)
