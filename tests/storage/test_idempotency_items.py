"""A request repeated with its `Idempotency-Key` takes effect once, on moto and on DynamoDB Local."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier
from uuid import UUID

import pytest

from latchhook.api_keys.creation import KeySettings
from latchhook.api_keys.errors import ApiKeyRevokedError
from latchhook.api_keys.issuing import Issued, KeyIssuer
from latchhook.idempotency_records import KEPT, IdempotencyKey, IdempotencyKeyReusedError
from latchhook.webhooks.changing import Issued as IssuedWebhook
from latchhook.webhooks.changing import WebhookEditor, WebhookSettings
from latchhook.webhooks.errors import TooManySecretsError, TooManyWebhooksError
from latchhook.webhooks.registering import WebhookRegistry
from latchhook.webhooks.secrets import MAX_LIVE, live
from latchhook.webhooks.webhook import MAX_WEBHOOKS_PER_ACCOUNT
from tests.features.webhooks.memory import LockBox
from tests.samples import ACCOUNT, CATALOGUE, NOW, PREFIX, SECOND, entry, origin, webhook
from tests.storage.conftest import Store
from tests.storage.keys import OTHER, actions, verify
from tests.template_tables import API_KEYS, SETTINGS, declared_tables

REQUEST = IdempotencyKey("name", "fingerprint")


def _issuer(store: Store) -> KeyIssuer:
    return KeyIssuer(store.keys, lambda: store.profiles, PREFIX, CATALOGUE, 300, Random(5))


def _create(issuer: KeyIssuer, after: timedelta = timedelta(), request: IdempotencyKey = REQUEST) -> Issued:
    return issuer.create(KeySettings(name="once"), origin(at=NOW + after), request)


def test_repeated_creation_takes_effect_once_and_returns_no_secret(store: Store) -> None:
    issuer = _issuer(store)
    first = _create(issuer)

    again = _create(issuer, SECOND)

    assert first.text is not None
    assert (again.key, again.text) == (first.key, None)
    assert len(store.items(API_KEYS)) == 1
    assert actions(store) == ["api_key.created"]
    assert verify(store, first.text).code == "VALID"


def test_repeated_rotation_takes_effect_once_with_the_same_grace_period(store: Store) -> None:
    issuer = _issuer(store)
    made = _create(issuer)
    request = IdempotencyKey("rotation", "fingerprint")
    first = issuer.rotate(made.key.id, grace_seconds=300, origin=origin(), idempotency_key=request)

    later = origin(at=NOW + 60 * SECOND)
    again = issuer.rotate(made.key.id, grace_seconds=300, origin=later, idempotency_key=request)

    assert first.text is not None
    assert (again.key.id, again.text) == (made.key.id, None)
    assert again.previous_until == first.previous_until == NOW + 300 * SECOND
    assert sorted(actions(store)) == ["api_key.created", "api_key.rotated"]
    assert verify(store, first.text).code == "VALID"


def test_reused_idempotency_key_for_another_request_is_refused(store: Store) -> None:
    issuer = _issuer(store)
    _create(issuer)

    with pytest.raises(IdempotencyKeyReusedError):
        _create(issuer, SECOND, IdempotencyKey(REQUEST.name, "another"))

    assert len(store.items(API_KEYS)) == 1


def test_other_idempotency_keys_and_other_accounts_are_other_requests(store: Store) -> None:
    issuer = _issuer(store)
    made = [
        _create(issuer),
        _create(issuer, request=IdempotencyKey("another", REQUEST.fingerprint)),
        issuer.create(KeySettings(), origin(OTHER), REQUEST),
        issuer.create(KeySettings(), origin()),
        issuer.create(KeySettings(), origin()),
    ]

    assert len({issued.key.id for issued in made}) == 5
    assert all(issued.text for issued in made)


@pytest.mark.parametrize(("after", "keys"), [(KEPT - SECOND, 1), (KEPT, 2), (KEPT + timedelta(days=3), 2)], ids=str)
def test_idempotency_key_can_be_reused_after_a_day(store: Store, after: timedelta, keys: int) -> None:
    issuer = _issuer(store)
    first = _create(issuer)

    again = _create(issuer, after)

    assert len(store.items(API_KEYS)) == keys
    assert (again.key.id == first.key.id) is (keys == 1)
    # From then on, the new request is the remembered one.
    assert _create(issuer, after + SECOND / 2).key.id == again.key.id


def test_request_is_stored_until_its_ttl_and_contains_no_secret(store: Store) -> None:
    made = _create(_issuer(store))

    (kept,) = [item for item in store.items(SETTINGS) if item["sk"].startswith("REQUEST#")]

    assert made.text is not None
    assert kept["pk"] == f"ACCOUNT#{ACCOUNT}"
    assert kept["ttl"] == int((NOW + KEPT).timestamp())
    assert made.text[-38:-6] not in repr(kept)
    assert declared_tables()[SETTINGS]["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_failed_request_is_not_remembered(store: Store) -> None:
    issuer = _issuer(store)
    made = _create(issuer)
    issuer.revoke(made.key.id, origin())
    before = store.items(SETTINGS)

    with pytest.raises(ApiKeyRevokedError):
        issuer.rotate(made.key.id, grace_seconds=1, origin=origin(), idempotency_key=IdempotencyKey("rotation", "f"))

    assert store.items(SETTINGS) == before


# ---- Webhooks ----


ROTATION = IdempotencyKey("rotation", "fingerprint")


def _registry(store: Store) -> WebhookRegistry:
    vault, rng = LockBox(), Random(6)
    return WebhookRegistry(store=store.settings, editor=WebhookEditor(store.settings, vault, rng), vault=vault, rng=rng)


def _webhook(
    registry: WebhookRegistry, after: timedelta = timedelta(), request: IdempotencyKey = REQUEST
) -> IssuedWebhook:
    settings, when = WebhookSettings("https://receiver.example/", ("*",)), origin(at=NOW + after)
    return registry.create(settings, secret=None, origin=when, idempotency_key=request)


def _rotated(
    registry: WebhookRegistry, webhook_id: UUID, at: timedelta = timedelta(), request: IdempotencyKey | None = ROTATION
) -> IssuedWebhook:
    when = origin(at=NOW + at)
    return registry.editor.rotate_secret(
        webhook_id, grace_seconds=60, secret=None, origin=when, idempotency_key=request
    )


def _webhook_ids(store: Store) -> set[UUID]:
    return {webhook.id for webhook in store.settings.of_account(ACCOUNT)}


def test_repeated_creation_of_a_webhook_takes_effect_once(store: Store) -> None:
    registry = _registry(store)
    first = _webhook(registry)

    again = _webhook(registry, KEPT - SECOND)

    assert first.secret is not None
    assert again == IssuedWebhook(first.webhook, None)
    assert _webhook_ids(store) == {first.webhook.id}
    assert actions(store) == ["webhook.created"]
    assert first.secret not in repr([item for item in store.items(SETTINGS) if item["sk"].startswith("REQUEST#")])
    assert _webhook(registry, KEPT).webhook.id != first.webhook.id


def test_repeated_creation_of_the_last_possible_webhook_is_recognized(store: Store) -> None:
    registry = _registry(store)
    for number in range(MAX_WEBHOOKS_PER_ACCOUNT - 1):
        store.settings.add_webhook(webhook(number), entry(seed=number))
    first = _webhook(registry)

    assert _webhook(registry, SECOND) == IssuedWebhook(first.webhook, None)
    with pytest.raises(TooManyWebhooksError):
        _webhook(registry, request=IdempotencyKey("another", "fingerprint"))
    assert len(_webhook_ids(store)) == MAX_WEBHOOKS_PER_ACCOUNT


def test_repeated_rotation_of_a_webhook_has_the_same_grace_period(store: Store) -> None:
    registry = _registry(store)
    webhook_id = _webhook(registry).webhook.id
    first = _rotated(registry, webhook_id)

    again = _rotated(registry, webhook_id, 30 * SECOND)

    assert first.secret is not None
    assert again == IssuedWebhook(first.webhook, None, NOW + 60 * SECOND)
    assert actions(store) == ["webhook.created", "webhook.secret_rotated"]


@pytest.mark.parametrize(("after", "known"), [(KEPT - SECOND, True), (KEPT, False)], ids=str)
def test_rotation_is_recognized_for_a_day_even_at_the_secret_limit(store: Store, after: timedelta, known: bool) -> None:
    registry = _registry(store)
    webhook_id = _webhook(registry).webhook.id
    _rotated(registry, webhook_id)
    until = KEPT + SECOND
    for second in range(MAX_LIVE - 1):
        registry.editor.rotate_secret(
            webhook_id, grace_seconds=604_800, secret=None, origin=origin(at=NOW + 61 * SECOND + second * SECOND)
        )
    assert len(live(store.settings.webhook(ACCOUNT, webhook_id).secrets, NOW + until)) == MAX_LIVE

    if known:
        assert _rotated(registry, webhook_id, after).secret is None
    else:
        with pytest.raises(TooManySecretsError):
            _rotated(registry, webhook_id, after)


def test_concurrent_rotations_with_one_key_create_one_secret(amazon_store: Store) -> None:
    webhook_id = _webhook(_registry(amazon_store)).webhook.id
    start = Barrier(4)

    def rotate(_: int) -> IssuedWebhook:
        start.wait(120)
        return _rotated(_registry(amazon_store), webhook_id)

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(rotate, range(4)))

    assert len([issued for issued in made if issued.secret is not None]) == 1
    assert len(amazon_store.settings.webhook(ACCOUNT, webhook_id).secrets) == 2
    assert sorted(actions(amazon_store)) == ["webhook.created", "webhook.secret_rotated"]
