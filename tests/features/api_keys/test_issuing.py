"""The life of a key's secret as the caller sees it: issued, rotated, revoked, each with its audit entry."""

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
    IdempotencyKeyReusedError,
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


def test_a_new_key_is_stored_with_its_hash_and_never_with_its_text() -> None:
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
def test_a_refused_key_is_not_stored(chosen: KeySettings, error: type[Exception]) -> None:
    store = KeysInMemory()

    with pytest.raises(error):
        store.issuer().create(chosen, origin())

    assert (store.rows, store.entries) == ({}, [])


def test_another_accounts_profile_is_unknown() -> None:
    store = KeysInMemory()
    others = store.put_profile(profile(1, account_id="acct_2"))

    with pytest.raises(UnknownProfileError):
        store.issuer().create(KeySettings(profile_id=others.id), origin())


def test_a_profile_beyond_its_creator_is_refused() -> None:
    store = KeysInMemory()
    orders = store.put_profile(profile(1))
    by = caller(scopes=frozenset({"orders:read", "api-keys:write"}))

    with pytest.raises(ProfileBeyondCreatorError):
        store.issuer().create(KeySettings(profile_id=orders.id), origin(by=by))


# ---- Rotating ----


def test_a_rotated_key_keeps_its_id_and_its_settings_and_gets_another_secret() -> None:
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
    assert issued.key == replace(key, updated_at=NOW + SECOND, version=key.version + 1)


@pytest.mark.parametrize(("grace_seconds", "ends"), [(None, 300), (0, 0), (1, 1), (604_800, 604_800)])
def test_the_grace_is_the_callers_or_the_deployments(grace_seconds: int | None, ends: int) -> None:
    key = api_key()
    store = _store(key)

    issued = store.issuer().rotate(key.id, grace_seconds=grace_seconds, origin=origin())

    assert issued.previous_until == store.rows[key.id].previous_until == NOW + ends * SECOND


def test_no_grace_ends_the_old_secret_at_once() -> None:
    key = api_key()
    store = _store(key)

    issued = store.issuer().rotate(key.id, grace_seconds=0, origin=origin())

    assert issued.text is not None
    assert store.verifier().verify(key_text(key), UseRequest(), now=NOW).code == "EXPIRED"
    assert store.verifier().verify(issued.text, UseRequest(), now=NOW).valid


def test_a_second_rotation_ends_the_grace_of_the_first() -> None:
    key = api_key()
    store = _store(key)
    first = store.issuer(seed=2).rotate(key.id, grace_seconds=604_800, origin=origin()).text
    second = store.issuer(seed=3).rotate(key.id, grace_seconds=1, origin=origin()).text
    assert first is not None
    assert second is not None

    codes = [store.verifier().verify(text, UseRequest(), now=NOW).code for text in (key_text(key), first, second)]

    assert codes == ["NOT_FOUND", "VALID", "VALID"]


def test_revoking_during_a_grace_ends_both_secrets() -> None:
    key = api_key()
    store = _store(key)
    new = store.issuer().rotate(key.id, grace_seconds=604_800, origin=origin()).text
    assert new is not None
    store.issuer().revoke(key.id, origin())

    assert [store.verifier().verify(text, UseRequest(), now=NOW).code for text in (key_text(key), new)] == [
        "REVOKED"
    ] * 2


def test_a_revoked_key_is_not_rotated() -> None:
    key = api_key(stored_status="revoked")
    store = _store(key)

    with pytest.raises(ApiKeyRevokedError):
        store.issuer().rotate(key.id, grace_seconds=None, origin=origin())
    assert store.rows[key.id].secret == hash_key_text(key_text(key))


@pytest.mark.parametrize("status", ["disabled", "expired"])
def test_a_disabled_or_expired_key_is_rotated_and_stays_so(status: Status) -> None:
    key = api_key(stored_status=status)

    assert _store(key).issuer().rotate(key.id, grace_seconds=None, origin=origin()).key.stored_status == status


def test_another_accounts_key_is_neither_rotated_nor_revoked() -> None:
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
def test_nobody_rotates_a_key_that_may_more_than_oneself(scopes: tuple[str, ...], held: set[str], may: bool) -> None:
    """The new text would give that away."""
    key = api_key(scopes=scopes)
    store = _store(key)
    by = caller(scopes=frozenset(held))

    if may:
        assert store.issuer().rotate(key.id, grace_seconds=None, origin=origin(by=by)).text
    else:
        with pytest.raises(ScopesBeyondCreatorError):
            store.issuer().rotate(key.id, grace_seconds=None, origin=origin(by=by))
        assert store.entries == []


def test_what_a_profile_allows_counts_among_what_a_key_may() -> None:
    store = KeysInMemory()
    orders = store.put_profile(profile(1, rules=(Rule("allow", ("orders:*",)),)))
    key = store.put(api_key(profile_id=orders.id))

    with pytest.raises(ScopesBeyondCreatorError):
        store.issuer().rotate(key.id, grace_seconds=None, origin=origin(by=caller(scopes=frozenset({"api-keys:*"}))))
    assert store.issuer().rotate(key.id, grace_seconds=None, origin=origin()).text


def test_a_key_whose_profile_denies_something_may_rotate_itself() -> None:
    store = KeysInMemory()
    rules = (Rule("allow", ("*",)), Rule("deny", ("orders:write",)))
    narrowed = store.put_profile(profile(1, rules=rules))
    key = store.put(api_key(profile_id=narrowed.id))
    by = Caller("api_key", ACCOUNT, str(key.id), narrowed.grants_for(key.scopes))

    assert store.issuer().rotate(key.id, grace_seconds=None, origin=origin(by=by)).text


def test_a_denial_to_the_caller_is_a_right_less() -> None:
    key = api_key(scopes=("orders:write",))
    by = Caller("api_key", ACCOUNT, "key-1", Grants.of(["*"], denied=["orders:write"]))

    with pytest.raises(ScopesBeyondCreatorError):
        _store(key).issuer().rotate(key.id, grace_seconds=None, origin=origin(by=by))


# ---- Changes of others meanwhile ----


@pytest.mark.parametrize("changes", [1, 7])
def test_a_rotation_is_tried_again_when_others_change_the_key(changes: int) -> None:
    key = api_key()
    store = _store(key)
    store.changes_of_others = changes

    issued = store.issuer().rotate(key.id, grace_seconds=None, origin=origin())

    assert issued.text is not None
    assert store.verifier().verify(issued.text, UseRequest(), now=NOW).valid
    assert issued.key.description == "by somebody else"
    assert store.rows[key.id].previous == hash_key_text(key_text(key))
    assert len(store.entries) == 1


def test_a_key_that_others_change_all_the_time_is_an_outage() -> None:
    key = api_key()
    store = _store(key)
    store.changes_of_others = 8

    with pytest.raises(DependencyUnavailableError):
        store.issuer().rotate(key.id, grace_seconds=None, origin=origin())
    assert store.rows[key.id].previous is None


# ---- Idempotency-Key ----


def test_a_key_that_was_created_before_is_answered_without_its_text() -> None:
    store = KeysInMemory()
    first = store.issuer(seed=4).create(KeySettings(name="Shop"), origin(), ONCE)
    again = store.issuer(seed=2).create(KeySettings(name="Shop"), origin(at=NOW + SECOND), ONCE)

    assert (again.key, again.text, again.previous_until) == (first.key, None, None)
    assert list(store.rows) == [first.key.id]
    assert len(store.entries) == 1


def test_a_key_that_was_rotated_before_is_answered_without_its_text_and_with_its_grace() -> None:
    key = api_key()
    store = _store(key)
    first = store.issuer(seed=4).rotate(key.id, grace_seconds=60, origin=origin(), idempotency_key=ONCE)
    again = store.issuer(seed=2).rotate(key.id, grace_seconds=60, origin=origin(at=NOW + SECOND), idempotency_key=ONCE)

    assert (again.key, again.text, again.previous_until) == (first.key, None, NOW + 60 * SECOND)
    assert first.text is not None
    assert store.verifier().verify(first.text, UseRequest(), now=NOW).valid
    assert store.verifier().verify(key_text(key), UseRequest(), now=NOW).valid


def test_another_request_under_the_same_key_is_refused_and_does_nothing() -> None:
    key = api_key()
    store = _store(key)
    store.issuer(seed=4).create(KeySettings(), origin(), ONCE)

    with pytest.raises(IdempotencyKeyReusedError):
        store.issuer(seed=2).create(KeySettings(name="B"), origin(), replace(ONCE, fingerprint="another body"))
    with pytest.raises(IdempotencyKeyReusedError):
        store.issuer(seed=2).rotate(
            key.id, grace_seconds=None, origin=origin(), idempotency_key=replace(ONCE, fingerprint="another path")
        )
    assert len(store.rows) == 2
    assert store.rows[key.id].previous is None


def test_requests_without_a_name_are_never_the_same() -> None:
    store = KeysInMemory()
    made = [store.issuer(seed=seed).create(KeySettings(), origin()).key.id for seed in (1, 2)]

    assert len(set(made)) == 2


def test_what_was_done_for_nobody_who_asked_is_an_error_of_ours() -> None:
    class Confused(KeysInMemory):
        def add(self, *_: Any) -> None:
            raise AlreadyCompletedError(CompletedRequest("", UUID(int=1), None))

    with pytest.raises(AlreadyCompletedError):
        Confused().issuer().create(KeySettings(), origin())


# ---- The audit log ----


def test_every_change_is_audited_with_who_did_it_from_where() -> None:
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
