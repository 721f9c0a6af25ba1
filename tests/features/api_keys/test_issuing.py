"""Creating, rotating and revoking keys. Each writes an audit entry."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.creation import KeySettings
from latchhook.api_keys.errors import (
    ApiKeyNotFoundError,
    ApiKeyRevokedError,
    ExpiryNotInFutureError,
    ProfileBeyondCreatorError,
    ScopesBeyondCreatorError,
    UnknownProfileError,
    UnknownScopesError,
)
from latchhook.api_keys.key_format import hash_key_text, parse_key_text
from latchhook.api_keys.limits import Credits
from latchhook.api_keys.verification import UseRequest
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.idempotency_records import (
    AlreadyCompletedError,
    CompletedRequest,
    IdempotencyKey,
)
from latchhook.identity.caller import Caller
from latchhook.permissions.grants import Grants
from latchhook.permissions.profiles import Rule
from latchhook.rates import RateLimit
from tests.features.api_keys.memory import KeysInMemory
from tests.samples import ACCOUNT, NOW, PREFIX, SECOND, api_key, caller, key_text, origin, profile

ONCE = IdempotencyKey("create of user_1", "the body")


def _store(*keys: ApiKey) -> KeysInMemory:
    store = KeysInMemory()
    for key in keys:
        store.put(key, hash_key_text(key_text(key)))
    return store


# ---- Creating ----


def test_new_key_is_stored_with_its_hash_and_without_its_text() -> None:
    store = KeysInMemory()

    issued = store.issuer().create(KeySettings(), origin())

    assert issued.text is not None
    row = store.rows[issued.key.id]
    assert (row.key, row.secret) == (issued.key, hash_key_text(issued.text))
    assert issued.text not in repr(store) + repr(issued)


@pytest.mark.parametrize(
    ("chosen", "error"),
    [
        (KeySettings(scopes=["orders:fly"]), UnknownScopesError),
        (KeySettings(scopes=["api-keys:verify"]), ScopesBeyondCreatorError),
        (KeySettings(expires_at=NOW), ExpiryNotInFutureError),
        (KeySettings(profile_id=UUID(int=5)), UnknownProfileError),
    ],
    ids=lambda value: getattr(value, "__name__", "")[:40],
)
def test_refused_key_is_not_stored(chosen: KeySettings, error: type[Exception]) -> None:
    store = KeysInMemory()

    with pytest.raises(error):
        store.issuer().create(chosen, origin())

    assert (store.rows, store.entries) == ({}, [])


def test_profile_of_another_account_is_unknown() -> None:
    store = KeysInMemory()
    others = store.put_profile(profile(1, account_id="acct_2"))

    with pytest.raises(UnknownProfileError):
        store.issuer().create(KeySettings(profile_id=others.id), origin())


def test_profile_beyond_the_creator_is_refused() -> None:
    store = KeysInMemory()
    orders = store.put_profile(profile(1))
    by = caller(scopes=frozenset({"orders:read", "api-keys:write"}))

    with pytest.raises(ProfileBeyondCreatorError):
        store.issuer().create(KeySettings(profile_id=orders.id), origin(by=by))


# ---- Rotating ----


def test_rotation_keeps_id_and_settings_and_replaces_the_secret() -> None:
    key = api_key(
        scopes=("orders:read",),
        metadata={"a": 1},
        rate_limit=RateLimit(5, 60, 5),
        credits=Credits(3),
        ip_allow_list=("10.0.0.0/8",),
        expires_at=NOW + 9 * SECOND,
        daily_requests={"20270315": 4},
    )
    store = _store(key)

    issued = store.issuer(seed=2).rotate(key.id, grace_seconds=None, origin=origin(at=NOW + SECOND))

    assert issued.text is not None
    assert parse_key_text(PREFIX, issued.text) == key.id
    assert issued.text != key_text(key)
    assert store.rows[key.id].secret == hash_key_text(issued.text)
    assert issued.key == replace(key, updated_at=NOW + SECOND, rotated_at=NOW + SECOND, version=key.version + 1)


@pytest.mark.parametrize(("grace_seconds", "ends"), [(None, 300), (0, 0), (1, 1), (604_800, 604_800)])
def test_grace_period_is_the_callers_or_the_default(grace_seconds: int | None, ends: int) -> None:
    key = api_key()
    store = _store(key)

    issued = store.issuer().rotate(key.id, grace_seconds=grace_seconds, origin=origin())

    assert issued.previous_until == store.rows[key.id].previous_until == NOW + ends * SECOND


def test_rotation_without_grace_period_ends_the_old_secret_at_once() -> None:
    key = api_key()
    store = _store(key)

    issued = store.issuer().rotate(key.id, grace_seconds=0, origin=origin())

    assert issued.text is not None
    assert store.verifier().verify(key_text(key), UseRequest(), now=NOW).code == "EXPIRED"
    assert store.verifier().verify(issued.text, UseRequest(), now=NOW).valid


def test_second_rotation_ends_the_grace_period_of_the_first() -> None:
    key = api_key()
    store = _store(key)
    first = store.issuer(seed=2).rotate(key.id, grace_seconds=604_800, origin=origin()).text
    second = store.issuer(seed=3).rotate(key.id, grace_seconds=1, origin=origin()).text
    assert first is not None
    assert second is not None

    codes = [store.verifier().verify(text, UseRequest(), now=NOW).code for text in (key_text(key), first, second)]

    assert codes == ["NOT_FOUND", "VALID", "VALID"]


def test_revocation_in_a_grace_period_ends_both_secrets() -> None:
    key = api_key()
    store = _store(key)
    new = store.issuer().rotate(key.id, grace_seconds=604_800, origin=origin()).text
    assert new is not None
    store.issuer().revoke(key.id, origin())

    assert [store.verifier().verify(text, UseRequest(), now=NOW).code for text in (key_text(key), new)] == [
        "REVOKED"
    ] * 2


def test_revoked_key_cannot_be_rotated() -> None:
    key = api_key(stored_status="revoked")
    store = _store(key)

    with pytest.raises(ApiKeyRevokedError):
        store.issuer().rotate(key.id, grace_seconds=None, origin=origin())
    assert store.rows[key.id].secret == hash_key_text(key_text(key))


@pytest.mark.parametrize("status", ["disabled", "expired"])
def test_rotation_keeps_the_status_disabled_or_expired(status: Status) -> None:
    key = api_key(stored_status=status)

    assert _store(key).issuer().rotate(key.id, grace_seconds=None, origin=origin()).key.stored_status == status


def test_key_of_another_account_can_be_neither_rotated_nor_revoked() -> None:
    key = api_key(account_id="acct_other")
    store = _store(key)

    with pytest.raises(ApiKeyNotFoundError):
        store.issuer().rotate(key.id, grace_seconds=None, origin=origin())
    with pytest.raises(ApiKeyNotFoundError):
        store.issuer().revoke(key.id, origin())
    assert (store.rows[key.id].key, store.rows[key.id].previous, store.entries) == (key, None, [])


@pytest.mark.parametrize(
    ("scopes", "held", "may"),
    [
        (("orders:read",), {"orders:*"}, True),
        (("orders:read",), {"orders:read"}, True),
        ((), set(), True),
        (("orders:write",), {"orders:read"}, False),
        (("orders:*",), {"orders:read", "orders:write"}, False),
        (("api-keys:verify",), {"*"}, False),
    ],
)
def test_caller_cannot_rotate_a_key_with_more_rights_than_its_own(
    scopes: tuple[str, ...], held: set[str], may: bool
) -> None:
    """Rotation returns a new key text, and with it all rights of the key."""
    key = api_key(scopes=scopes)
    store = _store(key)
    by = caller(scopes=frozenset(held))

    if may:
        assert store.issuer().rotate(key.id, grace_seconds=None, origin=origin(by=by)).text
    else:
        with pytest.raises(ScopesBeyondCreatorError):
            store.issuer().rotate(key.id, grace_seconds=None, origin=origin(by=by))
        assert store.entries == []


def test_rights_of_a_key_include_those_of_its_profile() -> None:
    store = KeysInMemory()
    orders = store.put_profile(profile(1, rules=(Rule("allow", ("orders:*",)),)))
    key = store.put(api_key(profile_id=orders.id))

    with pytest.raises(ScopesBeyondCreatorError):
        store.issuer().rotate(key.id, grace_seconds=None, origin=origin(by=caller(scopes=frozenset({"api-keys:*"}))))
    assert store.issuer().rotate(key.id, grace_seconds=None, origin=origin()).text


def test_key_with_denials_in_its_profile_can_rotate_itself() -> None:
    store = KeysInMemory()
    rules = (Rule("allow", ("*",)), Rule("deny", ("orders:write",)))
    narrowed = store.put_profile(profile(1, rules=rules))
    key = store.put(api_key(profile_id=narrowed.id))
    by = Caller("api_key", ACCOUNT, str(key.id), narrowed.grants_for(key.scopes))

    assert store.issuer().rotate(key.id, grace_seconds=None, origin=origin(by=by)).text


def test_denied_scope_of_the_caller_does_not_count_as_a_right() -> None:
    key = api_key(scopes=("orders:write",))
    by = Caller("api_key", ACCOUNT, "key-1", Grants.of(["*"], denied=["orders:write"]))

    with pytest.raises(ScopesBeyondCreatorError):
        _store(key).issuer().rotate(key.id, grace_seconds=None, origin=origin(by=by))


# ---- Concurrent changes ----


@pytest.mark.parametrize("changes", [1, 7])
def test_rotation_is_retried_after_concurrent_changes(changes: int) -> None:
    key = api_key()
    store = _store(key)
    store.changes_of_others = changes

    issued = store.issuer().rotate(key.id, grace_seconds=None, origin=origin())

    assert issued.text is not None
    assert store.verifier().verify(issued.text, UseRequest(), now=NOW).valid
    assert issued.key.description == "changed concurrently"
    assert store.rows[key.id].previous == hash_key_text(key_text(key))
    assert len(store.entries) == 1


def test_constant_concurrent_changes_raise_a_dependency_error() -> None:
    key = api_key()
    store = _store(key)
    store.changes_of_others = 8

    with pytest.raises(DependencyUnavailableError):
        store.issuer().rotate(key.id, grace_seconds=None, origin=origin())
    assert store.rows[key.id].previous is None


# ---- Idempotency-Key ----


def test_repeated_creation_creates_no_second_key() -> None:
    store = KeysInMemory()
    first = store.issuer(seed=4).create(KeySettings(name="Shop"), origin(), ONCE)

    with pytest.raises(AlreadyCompletedError) as repeated:
        store.issuer(seed=2).create(KeySettings(name="Shop"), origin(at=NOW + SECOND), ONCE)

    assert repeated.value.done == CompletedRequest(ONCE.fingerprint, first.key.id)
    assert list(store.rows) == [first.key.id]
    assert len(store.entries) == 1


def test_repeated_rotation_keeps_the_new_text_and_the_grace() -> None:
    key = api_key()
    store = _store(key)
    first = store.issuer(seed=4).rotate(key.id, grace_seconds=60, origin=origin(), idempotency_key=ONCE)

    with pytest.raises(AlreadyCompletedError) as repeated:
        store.issuer(seed=2).rotate(key.id, grace_seconds=60, origin=origin(at=NOW + SECOND), idempotency_key=ONCE)

    assert repeated.value.done == CompletedRequest(ONCE.fingerprint, key.id, NOW + 60 * SECOND)
    assert store.verifier().verify(first.text, UseRequest(), now=NOW).valid
    assert store.verifier().verify(key_text(key), UseRequest(), now=NOW).valid


def test_requests_without_idempotency_key_are_never_repeats() -> None:
    store = KeysInMemory()
    made = [store.issuer(seed=seed).create(KeySettings(), origin()).key.id for seed in (1, 2)]

    assert len(set(made)) == 2


def test_completed_request_without_idempotency_key_raises_an_error() -> None:
    class Confused(KeysInMemory):
        def add(self, *_: Any) -> None:
            raise AlreadyCompletedError(CompletedRequest("", UUID(int=1), None))

    with pytest.raises(AlreadyCompletedError):
        Confused().issuer().create(KeySettings(), origin())


# ---- The audit log ----


def test_every_change_is_audited_with_its_origin() -> None:
    store = KeysInMemory()
    issuer = store.issuer()

    key = issuer.create(KeySettings(), origin()).key
    issuer.rotate(key.id, grace_seconds=None, origin=origin())
    issuer.revoke(key.id, origin())

    assert [each.action for each in store.entries] == ["api_key.created", "api_key.rotated", "api_key.revoked"]
    assert {each.target_id for each in store.entries} == {str(key.id)}
    assert {each.account_id for each in store.entries} == {ACCOUNT}
    assert {(each.origin.source_ip, each.origin.request_id) for each in store.entries} == {("203.0.113.9", "request-1")}
    assert len({each.id for each in store.entries}) == 3
    assert store.entries[1].details == {"previousKeyExpiresAt": "2027-03-15T12:05:00Z"}
