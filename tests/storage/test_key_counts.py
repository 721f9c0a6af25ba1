"""The limit on an account's unrevoked keys. The count changes in the transactions that create and revoke keys."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import TooManyKeysError
from latchhook.api_keys.key_format import hash_key_text
from latchhook.audit import AuditEntry
from latchhook.idempotency_records import AlreadyCompletedError, IdempotencyKey
from latchhook.storage.api_keys_table import ApiKeysTable
from tests.samples import ACCOUNT, NOW, PREFIX, SECOND, api_key, entry, key_text
from tests.storage.conftest import Store
from tests.storage.keys import OTHER
from tests.template_tables import API_KEYS, SETTINGS


def limited(store: Store, most_keys: int) -> ApiKeysTable:
    return ApiKeysTable(
        store.database, table=API_KEYS, text_prefix=PREFIX, audit=store.audit_items, most_keys=most_keys
    )


def new(number: int, **settings: Any) -> tuple[ApiKey, bytes, AuditEntry]:
    key = api_key(number, **settings)
    return key, hash_key_text(key_text(key)), entry(key.account_id, action="api_key.created", seed=number)


def add(keys: ApiKeysTable, number: int, **settings: Any) -> ApiKey:
    made = new(number, **settings)
    keys.add(*made)
    return made[0]


def revoke(keys: ApiKeysTable, key: ApiKey, seed: int = 500) -> None:
    keys.revoke(key.account_id, key.id, entry(key.account_id, action="api_key.revoked", seed=seed))


def contents(store: Store) -> Sequence[Any]:
    return store.items(API_KEYS), store.items(SETTINGS)


def test_key_over_the_limit_is_refused_without_any_effect(store: Store) -> None:
    keys = limited(store, 2)
    for number in (1, 2):
        add(keys, number)
    before = contents(store)

    with pytest.raises(TooManyKeysError):
        add(keys, 3)

    assert contents(store) == before
    add(keys, 4, account_id=OTHER)


def test_revoked_key_frees_its_place_once(store: Store) -> None:
    keys = limited(store, 2)
    first, _ = add(keys, 1), add(keys, 2)
    for seed in (501, 502):
        revoke(keys, first, seed)
    add(keys, 3)

    with pytest.raises(TooManyKeysError):
        add(keys, 4)


@pytest.mark.parametrize("settings", [{"stored_status": "disabled"}, {"expires_at": NOW - SECOND}], ids=str)
def test_disabled_and_expired_keys_count(store: Store, settings: dict[str, Any]) -> None:
    keys = limited(store, 1)
    add(keys, 1, **settings)

    with pytest.raises(TooManyKeysError):
        add(keys, 2)


def test_rotations_and_changes_do_not_count(store: Store) -> None:
    keys = limited(store, 2)
    key = add(keys, 1)
    keys.replace_secret(key, key_hash=b"x" * 32, previous_until=NOW, entry=entry(seed=600))
    key = keys.get(ACCOUNT, key.id)
    keys.replace(key, replace(key, name="Renamed", updated_at=NOW + SECOND), entry(seed=601))

    add(keys, 2)


def test_repeated_request_is_recognized_in_a_full_account(store: Store) -> None:
    keys = limited(store, 1)
    request = IdempotencyKey("create-1", "fingerprint")
    keys.add(*new(1), request)

    with pytest.raises(AlreadyCompletedError):
        keys.add(*new(2), request)


def test_import_counts_only_new_keys(store: Store) -> None:
    keys = limited(store, 40)
    assert keys.add_all(ACCOUNT, [new(number) for number in range(1, 36)]) == [True] * 35
    assert keys.add_all(ACCOUNT, [new(number) for number in range(1, 41)]) == [False] * 35 + [True] * 5

    with pytest.raises(TooManyKeysError):
        keys.add_all(ACCOUNT, [new(41)])
    assert len(store.items(API_KEYS)) == 40


@pytest.mark.parametrize("most_keys", [5, 30])
def test_import_over_the_limit_is_refused_per_transaction(store: Store, most_keys: int) -> None:
    keys = limited(store, most_keys)

    with pytest.raises(TooManyKeysError):
        keys.add_all(ACCOUNT, [new(number) for number in range(1, 35)])

    assert len(store.items(API_KEYS)) in {0, 30}
    assert len(store.items(API_KEYS)) <= most_keys


def test_bulk_revocation_frees_the_places_of_all_its_keys(store: Store) -> None:
    keys = limited(store, 32)
    made = [new(number) for number in range(1, 33)]
    keys.add_all(ACCOUNT, made)
    keys.revoke_all(
        ACCOUNT, [(key, entry(action="api_key.revoked", seed=700 + at)) for at, (key, _, _) in enumerate(made)]
    )

    assert keys.add_all(ACCOUNT, [new(number) for number in range(101, 133)]) == [True] * 32
    with pytest.raises(TooManyKeysError):
        add(keys, 200)


def test_count_costs_no_additional_call(store: Store) -> None:
    keys = limited(store, 10)
    store.calls.clear()
    key = add(keys, 1)
    revoke(keys, key)

    assert store.calls == {"TransactWriteItems": 2}


def test_limit_is_exact_under_concurrent_callers(store: Store) -> None:
    keys = limited(store, 5)

    def create(number: int) -> bool:
        try:
            add(keys, number)
        except TooManyKeysError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        created = list(threads.map(create, range(1, 25)))

    assert created.count(True) == len(store.items(API_KEYS)) == 5
