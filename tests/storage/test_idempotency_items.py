"""A request repeated with its `Idempotency-Key` takes effect once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier
from uuid import UUID

import pytest

from latchhook.api_keys.creation import KeySettings
from latchhook.api_keys.errors import ApiKeyRevokedError
from latchhook.api_keys.issuing import Issued, KeyIssuer
from latchhook.idempotency_records import KEPT, AlreadyCompletedError, CompletedRequest, IdempotencyKey
from latchhook.permissions.errors import TooManyProfilesError
from latchhook.permissions.profile_editing import ProfileEditor, ProfileSettings
from latchhook.permissions.profiles import MAX_PROFILES_PER_ACCOUNT
from latchhook.webhooks.changing import Issued as IssuedWebhook
from latchhook.webhooks.changing import WebhookEditor, WebhookSettings
from latchhook.webhooks.errors import TooManyWebhooksError
from latchhook.webhooks.registering import WebhookRegistry
from latchhook.webhooks.webhook import MAX_WEBHOOKS_PER_ACCOUNT
from tests.features.webhooks.memory import LockBox
from tests.samples import ACCOUNT, CATALOGUE, NOW, PREFIX, SECOND, entry, origin, webhook
from tests.storage.conftest import Store
from tests.storage.keys import OTHER, actions, verify
from tests.template_tables import API_KEYS, SETTINGS, declared_tables

REQUEST = IdempotencyKey("name", "fingerprint")


def _issuer(store: Store) -> KeyIssuer:
    return KeyIssuer(store.keys, lambda: store.profiles, lambda: store.owners, PREFIX, CATALOGUE, 300, Random(5))


def _create(issuer: KeyIssuer, after: timedelta = timedelta(), request: IdempotencyKey = REQUEST) -> Issued:
    return issuer.create(KeySettings(name="once"), origin(at=NOW + after), request)


def _repeated(repeat: Callable[[], object]) -> CompletedRequest:
    with pytest.raises(AlreadyCompletedError) as repeated:
        repeat()
    return repeated.value.done


def test_repeated_creation_creates_one_key(store: Store) -> None:
    issuer = _issuer(store)
    first = _create(issuer)

    done = _repeated(lambda: _create(issuer, SECOND))

    assert done == CompletedRequest(REQUEST.fingerprint, first.key.id)
    assert store.requests.find(ACCOUNT, REQUEST, now=NOW + SECOND) == done
    assert len(store.items(API_KEYS)) == 1
    assert actions(store) == ["api_key.created"]
    assert verify(store, first.text).code == "VALID"


def test_repeated_rotation_makes_one_secret_and_keeps_the_grace(store: Store) -> None:
    issuer = _issuer(store)
    made = _create(issuer)
    request = IdempotencyKey("rotation", "fingerprint")
    first = issuer.rotate(made.key.id, grace_seconds=300, origin=origin(), idempotency_key=request)

    later = origin(at=NOW + 60 * SECOND)
    done = _repeated(lambda: issuer.rotate(made.key.id, grace_seconds=300, origin=later, idempotency_key=request))

    assert done == CompletedRequest("fingerprint", made.key.id, NOW + 300 * SECOND)
    assert sorted(actions(store)) == ["api_key.created", "api_key.rotated"]
    assert verify(store, first.text).code == "VALID"


def test_failed_transaction_names_the_recorded_fingerprint(store: Store) -> None:
    issuer = _issuer(store)
    _create(issuer)

    done = _repeated(lambda: _create(issuer, SECOND, IdempotencyKey(REQUEST.name, "another")))

    assert done.fingerprint == REQUEST.fingerprint
    assert len(store.items(API_KEYS)) == 1


def test_repeated_profile_creation_creates_one_profile(store: Store) -> None:
    editor = ProfileEditor(store.profiles, CATALOGUE, Random(7))
    made = editor.create(ProfileSettings("Readers"), origin(), REQUEST)

    done = _repeated(lambda: editor.create(ProfileSettings("Readers"), origin(at=NOW + SECOND), REQUEST))

    assert done == CompletedRequest(REQUEST.fingerprint, made.id)
    assert len(store.profiles.page(ACCOUNT, limit=10, after=None).items) == 1


def test_record_of_last_permitted_profile_is_found(store: Store) -> None:
    editor = ProfileEditor(store.profiles, CATALOGUE, Random(7))
    for _ in range(MAX_PROFILES_PER_ACCOUNT - 1):
        editor.create(ProfileSettings("Readers"), origin())
    editor.create(ProfileSettings("Readers"), origin(), REQUEST)

    _repeated(lambda: editor.create(ProfileSettings("Readers"), origin(), REQUEST))
    with pytest.raises(TooManyProfilesError):
        editor.create(ProfileSettings("Readers"), origin(), IdempotencyKey("another", "fingerprint"))


def test_import_record_keeps_each_result(store: Store) -> None:
    keys = tuple(UUID(int=number) for number in range(1_000))
    done = CompletedRequest("fingerprint", keys[0], imported=tuple((key, "created") for key in keys))

    store.requests.add(ACCOUNT, REQUEST, done, now=NOW)

    assert store.requests.find(ACCOUNT, REQUEST, now=NOW) == done
    assert _repeated(lambda: store.requests.add(ACCOUNT, REQUEST, done, now=NOW)) == done
    assert store.requests.find(ACCOUNT, REQUEST, now=NOW + KEPT) is None
    store.requests.add(ACCOUNT, REQUEST, done, now=NOW + KEPT)


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


@pytest.mark.parametrize("after", [KEPT, KEPT + timedelta(days=3)], ids=str)
def test_name_is_free_after_a_day_even_if_the_record_is_still_stored(store: Store, after: timedelta) -> None:
    issuer = _issuer(store)
    first = _create(issuer)
    assert _repeated(lambda: _create(issuer, KEPT - SECOND)).target_id == first.key.id

    second = _create(issuer, after)

    assert len(store.items(API_KEYS)) == 2
    assert _repeated(lambda: _create(issuer, after + SECOND / 2)).target_id == second.key.id


def test_request_is_stored_until_its_ttl_and_contains_no_secret(store: Store) -> None:
    made = _create(_issuer(store))

    (kept,) = [item for item in store.items(SETTINGS) if item["sk"].startswith("REQUEST#")]

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


def test_repeated_webhook_creation_creates_one_webhook(store: Store) -> None:
    registry = _registry(store)
    first = _webhook(registry)

    done = _repeated(lambda: _webhook(registry, KEPT - SECOND))

    assert done == CompletedRequest(REQUEST.fingerprint, first.webhook.id)
    assert _webhook_ids(store) == {first.webhook.id}
    assert actions(store) == ["webhook.created"]
    assert first.secret not in repr([item for item in store.items(SETTINGS) if item["sk"].startswith("REQUEST#")])
    assert _webhook(registry, KEPT).webhook.id != first.webhook.id


def test_record_of_last_permitted_webhook_is_found(store: Store) -> None:
    registry = _registry(store)
    for number in range(MAX_WEBHOOKS_PER_ACCOUNT - 1):
        store.settings.add_webhook(webhook(number), entry(seed=number))
    first = _webhook(registry)

    assert _repeated(lambda: _webhook(registry, SECOND)).target_id == first.webhook.id
    with pytest.raises(TooManyWebhooksError):
        _webhook(registry, request=IdempotencyKey("another", "fingerprint"))
    assert len(_webhook_ids(store)) == MAX_WEBHOOKS_PER_ACCOUNT


def test_repeated_webhook_rotation_makes_one_secret(store: Store) -> None:
    registry = _registry(store)
    webhook_id = _webhook(registry).webhook.id
    _rotated(registry, webhook_id)

    done = _repeated(lambda: _rotated(registry, webhook_id, 30 * SECOND))

    assert done == CompletedRequest(ROTATION.fingerprint, webhook_id, NOW + 60 * SECOND)
    assert actions(store) == ["webhook.created", "webhook.secret_rotated"]


def test_concurrent_rotations_with_one_key_create_one_secret(store: Store) -> None:
    webhook_id = _webhook(_registry(store)).webhook.id
    start = Barrier(4)

    def rotate(_: int) -> bool:
        start.wait(120)
        try:
            _rotated(_registry(store), webhook_id)
        except AlreadyCompletedError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(rotate, range(4)))

    assert sorted(made) == [False, False, False, True]
    assert len(store.settings.webhook(ACCOUNT, webhook_id).secrets) == 2
    assert sorted(actions(store)) == ["webhook.created", "webhook.secret_rotated"]
