"""A rotation that keeps another secret than the current one."""

from datetime import timedelta
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.key_format import hash_key_text
from latchhook.api_keys.verification import KeyQuery
from tests.samples import ACCOUNT, NOW, SECOND, api_key, entry, key_text
from tests.storage.conftest import Store

HOUR = timedelta(hours=1)


def _replace(store: Store, key: ApiKey, *, secret: int, kept: int | None = None) -> ApiKey:
    return store.keys.replace_secret(
        key,
        key_hash=hash_key_text(key_text(key, secret)),
        kept_hash=None if kept is None else hash_key_text(key_text(key, kept)),
        previous_until=NOW + HOUR,
        entry=entry(action="api_key.rotated", seed=secret),
    )


def _stored(store: Store, key_id: UUID) -> ApiKey:
    return store.keys.get(ACCOUNT, key_id)


def _secrets(store: Store, key: ApiKey, *secrets: int) -> list[str]:
    """Return the kind of each secret to the key, in the last second of the grace period."""
    now = NOW + HOUR - SECOND
    asked = [KeyQuery(key.id, hash_key_text(key_text(key, secret)), now) for secret in secrets]
    found = [store.uses.look_up(query) for query in asked]
    return [look_up.secret for look_up in found if look_up is not None]


def test_current_secret_is_kept_unless_another_is_named(store: Store) -> None:
    key = api_key()
    store.keys.add(key, hash_key_text(key_text(key, 1)), entry())
    _replace(store, _stored(store, key.id), secret=2)
    assert _secrets(store, key, 1, 2) == ["previous", "current"]

    _replace(store, _stored(store, key.id), secret=3, kept=1)

    assert _secrets(store, key, 1, 2, 3) == ["previous", "unknown", "current"]


def test_named_secret_can_be_the_current_one(store: Store) -> None:
    key = api_key()
    store.keys.add(key, hash_key_text(key_text(key, 1)), entry())

    _replace(store, key, secret=2, kept=1)

    assert _secrets(store, key, 1, 2) == ["previous", "current"]
