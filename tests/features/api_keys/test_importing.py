"""Importing keys by their hashes: an import stores all keys or none, and reports the position of an invalid key."""

from dataclasses import replace
from hashlib import sha256
from random import Random
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.creation import KeySettings
from latchhook.api_keys.errors import (
    BadItemError,
    DuplicateHashesError,
    ExpiryNotInFutureError,
    ProfileBeyondCreatorError,
    ScopesBeyondCreatorError,
    UnknownProfileError,
    UnknownScopesError,
)
from latchhook.api_keys.importing import ImportedKey, KeyImporter
from latchhook.api_keys.key_format import imported_key_id
from latchhook.api_keys.verification import UseRequest
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.identity.caller import Caller
from latchhook.permissions.profiles import Profile
from tests.features.api_keys.memory import KeysInMemory
from tests.samples import ACCOUNT, CATALOGUE, NOW, PREFIX, SECOND, api_key, caller, origin, profile


def _text(number: int) -> str:
    return f"sk_live_from_another_system_{number}"


def _imported(number: int = 1, **settings: object) -> ImportedKey:
    return ImportedKey(
        KeySettings(**settings),  # type: ignore[arg-type]
        sha256(_text(number).encode()).digest(),
        "sk_live_from_ano",
    )


def _run(
    store: KeysInMemory, *imported: ImportedKey, by: Caller | None = None, account_id: str = ACCOUNT
) -> list[tuple[ApiKey, str]]:
    importer = KeyImporter(store, lambda: store, lambda: store, PREFIX, CATALOGUE, Random(1), lambda: store.requests)
    return list(importer.run(imported, origin(account_id, by=by)))


def test_imported_key_is_verified_by_its_original_text() -> None:
    store = KeysInMemory()

    ((key, outcome),) = _run(store, _imported(name="Shop", scopes=("orders:read",)))

    verdict = store.verifier().verify(_text(1), UseRequest(), now=NOW)
    assert (outcome, verdict.valid, verdict.key and verdict.key.id) == ("created", True, key.id)
    assert (key.name, key.scopes, key.account_id, key.user_id) == ("Shop", ("orders:read",), ACCOUNT, "user_1")


def test_shown_prefix_is_the_imported_one_and_never_latchhooks() -> None:
    ((key, _),) = _run(KeysInMemory(), _imported())
    ((nameless, _),) = _run(KeysInMemory(), replace(_imported(), prefix=""))

    assert (key.prefix, key.key_prefix) == ("sk_live_from_ano", "sk_live_from")
    assert (nameless.prefix, nameless.key_prefix) == ("", "")


def test_hash_is_neither_in_the_repr_nor_in_the_id() -> None:
    one = _imported()

    assert repr(one.key_hash) not in repr(one)
    assert imported_key_id(one.key_hash).hex not in one.key_hash.hex()


def test_results_keep_the_order_and_existing_keys_are_unchanged() -> None:
    store = KeysInMemory()
    ((first, _),) = _run(store, _imported(2, name="first"))

    results = _run(store, _imported(1), _imported(2, name="again"), _imported(3))

    assert [outcome for _, outcome in results] == ["created", "exists", "created"]
    assert [key.id for key, _ in results] == [imported_key_id(_imported(n).key_hash) for n in (1, 2, 3)]
    assert store.rows[first.id].key.name == "first"
    assert len(store.entries) == 3


def test_import_does_not_take_over_a_key_of_another_account() -> None:
    store = KeysInMemory()
    _run(store, _imported(name="theirs"), account_id="acct_2")

    ((key, outcome),) = _run(store, _imported(name="mine"))

    assert outcome == "exists"
    assert (store.rows[key.id].key.account_id, store.rows[key.id].key.name) == ("acct_2", "theirs")


def test_repeated_hashes_are_refused_except_for_the_first() -> None:
    store = KeysInMemory()

    with pytest.raises(DuplicateHashesError) as refused:
        _run(store, *(_imported(number) for number in (1, 2, 1, 3, 2, 1)))

    assert refused.value.positions == (2, 4, 5)
    assert store.rows == {}


BAD = [
    (_imported(9, scopes=("orders:fly",)), UnknownScopesError),
    (_imported(9, scopes=("products:read",)), ScopesBeyondCreatorError),
    (_imported(9, expires_at=NOW), ExpiryNotInFutureError),
    (_imported(9, profile_id=UUID(int=5)), UnknownProfileError),
    (_imported(9, profile_id=profile(1).id), ProfileBeyondCreatorError),
]


@pytest.mark.parametrize(("bad", "error"), BAD, ids=[error.__name__ for _, error in BAD])
@pytest.mark.parametrize("position", [0, 2])
def test_one_invalid_key_is_reported_and_nothing_is_stored(
    bad: ImportedKey, error: type[Exception], position: int
) -> None:
    store = KeysInMemory()
    store.put_profile(profile(1))
    keys = [_imported(number) for number in (1, 2, 3)]
    keys[position] = bad

    with pytest.raises(BadItemError) as refused:
        _run(store, *keys, by=caller(scopes=frozenset({"orders:read"})))

    assert (refused.value.position, type(refused.value.cause)) == (position, error)
    assert (store.rows, store.entries) == ({}, [])


@pytest.mark.parametrize("failure", [DependencyUnavailableError("get_item: gone"), ValueError("s3cret")], ids=repr)
def test_internal_failure_is_not_reported_as_an_invalid_item(failure: Exception) -> None:
    """The original error is raised. The response is an internal error, and the log does not quote the text."""

    class Failing(KeysInMemory):
        def find(self, account_id: str, profile_id: UUID) -> Profile | None:
            raise failure

    with pytest.raises(type(failure)):
        _run(Failing(), _imported(1), _imported(2, profile_id=UUID(int=5)))


def test_profile_of_many_keys_is_read_once() -> None:
    store = KeysInMemory()
    orders = store.put_profile(profile(1))

    _run(store, *(_imported(number, profile_id=orders.id, expires_at=NOW + SECOND) for number in range(50)))

    assert store.calls["find"] == 1
    assert {row.key.profile_id for row in store.rows.values()} == {orders.id}


def test_unknown_profile_is_reported_at_its_first_position() -> None:
    with pytest.raises(BadItemError) as refused:
        _run(KeysInMemory(), _imported(1), *(_imported(number, profile_id=UUID(int=5)) for number in (2, 3)))

    assert refused.value.position == 1


def test_audit_entry_marks_the_key_as_imported() -> None:
    store = KeysInMemory()

    results = _run(store, *(_imported(number) for number in range(3)))

    assert [entry.target_id for entry in store.entries] == [str(key.id) for key, _ in results]
    assert {entry.action for entry in store.entries} == {"api_key.created"}
    assert all(entry.details == {"imported": True} for entry in store.entries)
    assert len({entry.id for entry in store.entries}) == 3


def test_imported_key_never_replaces_a_created_key() -> None:
    store = KeysInMemory()
    ours = store.put(api_key())

    _run(store, *(_imported(number) for number in range(20)))

    assert store.rows[ours.id].key == ours
