"""The table ApiKeys: keys are created, read, changed, rotated and revoked."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.changing import Configuration, KeyEditor, settings_of
from latchhook.api_keys.creation import ChosenCredits
from latchhook.api_keys.errors import ApiKeyNotFoundError, KeyChangedError, UnknownProfileError
from latchhook.api_keys.key_format import hash_key_text, imported_key_id
from latchhook.api_keys.limits import Credits, Refill
from latchhook.clock import to_millis
from latchhook.dependency_errors import ConflictRetriesExhaustedError, DependencyUnavailableError
from latchhook.permissions.profiles import Profile
from latchhook.rates import RateLimit
from latchhook.storage.database import ConditionFailedError
from tests.samples import ACCOUNT, CATALOGUE, MILLISECOND, NOW, SECOND, api_key, entry, key_text, origin, profile
from tests.storage.conftest import Store
from tests.storage.keys import OTHER, actions, add, change, codes, revoke, rotate, stored, verify
from tests.template_tables import API_KEYS, SETTINGS

TOMORROW = (NOW + timedelta(days=1)).replace(hour=0)
LIMITS: dict[str, Any] = {
    "rate_limit": RateLimit(100, 60, 10),
    "credits": Credits(1_000, Refill(5_000, "daily"), TOMORROW),
    "ip_allow_list": ("10.0.0.0/8", "2001:db8::/32", "192.0.2.7/32"),
}


def _profile(store: Store, number: int = 1) -> Profile:
    made = profile(number)
    store.profiles.add(made, entry(action="permission_profile.created", seed=500 + number))
    return made


def _key_count(store: Store, of: Profile) -> int:
    return store.profiles.get(ACCOUNT, of.id).key_count


def _new(number: int, **changes: Any) -> tuple[ApiKey, bytes, Any]:
    key = api_key(number, **changes)
    return key, hash_key_text(key_text(key)), entry(action="api_key.created", seed=number)


# ---- Creating and reading ----


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {
            "name": "Shop — Zoë \U0001f3c1",
            "description": "sync",
            "scopes": ("orders:read", "orders:write"),
            "expires_at": NOW + SECOND,
            "metadata": {"team": "blü", "deep": [{"n": 1.5, "none": None, "yes": True}]},
        },
        LIMITS,
        {"credits": Credits(0)},
    ],
    ids=["without settings", "described", "limited", "without credits"],
)
def test_key_is_read_back_as_it_was_stored(store: Store, settings: dict[str, Any]) -> None:
    key = api_key(**settings)
    add(store, key)

    # A key created with zero credits needs no notification of spent credits.
    starts_at_none = key.credits is not None and not key.credits.stored
    assert store.keys.get(ACCOUNT, key.id) == replace(key, limit_notified=starts_at_none)


def test_imported_key_keeps_its_imported_prefix(store: Store) -> None:
    key = api_key(prefix="sk_test_51Hq", key_prefix="sk_test_51Hq")
    add(store, key)

    # A key created with zero credits needs no notification of spent credits.
    starts_at_none = key.credits is not None and not key.credits.stored
    assert store.keys.get(ACCOUNT, key.id) == replace(key, limit_notified=starts_at_none)


def test_key_is_one_item_without_the_secret(store: Store) -> None:
    text = add(store, api_key(**LIMITS))

    (item,) = store.items(API_KEYS)
    assert text not in repr(item)
    assert text[-38:-6] not in repr(item)


def test_key_and_its_audit_entry_are_written_in_one_transaction(store: Store) -> None:
    key = api_key()
    store.calls.clear()
    add(store, key)

    assert store.calls == {"TransactWriteItems": 1}
    (logged,) = store.audit_log(ACCOUNT)
    assert (logged["action"], logged["targetId"]) == ("api_key.created", str(UUID(int=key.id.int)))
    assert (logged["actorKind"], logged["actorId"]) == ("user", "user_1")
    assert (logged["sourceIp"], logged["requestId"]) == ("203.0.113.9", "request-1")
    assert logged["ttl"] == to_millis(NOW + timedelta(days=365)) // 1000


def test_existing_key_is_not_overwritten_and_not_audited(store: Store) -> None:
    key = api_key()
    add(store, key)
    before = store.audit_log(ACCOUNT)

    with pytest.raises(ConditionFailedError):
        store.keys.add(replace(key, name="another"), b"hash", entry(seed=99))

    assert store.audit_log(ACCOUNT) == before
    assert store.keys.get(ACCOUNT, key.id).name == key.name


def test_missing_key_and_key_of_another_account_are_not_found(store: Store) -> None:
    theirs = api_key(account_id=OTHER)
    add(store, theirs)

    for key_id in (theirs.id, api_key(2).id):
        with pytest.raises(ApiKeyNotFoundError):
            store.keys.get(ACCOUNT, key_id)
    assert store.keys.read(ACCOUNT, [theirs.id, api_key(2).id]) == []


def test_named_keys_are_read_in_order_and_only_from_the_account(store: Store) -> None:
    keys = [api_key(number) for number in (1, 2, 3)]
    theirs = api_key(4, account_id=OTHER)
    for key in (*keys, theirs):
        add(store, key)
    ids = [keys[2].id, theirs.id, keys[0].id, api_key(5).id]

    assert store.keys.read(ACCOUNT, ids) == [keys[2], keys[0]]
    assert store.keys.of_all_accounts(ids) == {key.id: key for key in (keys[2], theirs, keys[0])}


# ---- Changing ----


def test_change_and_its_audit_entry_are_written_in_one_transaction(store: Store) -> None:
    key = api_key(scopes=("orders:read",))
    add(store, key)
    store.calls.clear()

    after = change(store, key, at=NOW + SECOND, name="Another", description="d", scopes=(), metadata={"a": 1}, **LIMITS)

    assert store.calls == {"TransactWriteItems": 1}
    assert store.keys.get(ACCOUNT, key.id) == after
    assert actions(store) == ["api_key.created", "api_key.updated"]


def test_optional_settings_can_be_removed(store: Store) -> None:
    key = api_key(description="d", metadata={"a": 1}, expires_at=NOW + timedelta(days=30), **LIMITS)
    add(store, key)

    bare: dict[str, Any] = {"description": None, "metadata": {}, "expires_at": None, "rate_limit": None}
    after = change(store, key, **bare, credits=None, ip_allow_list=())

    assert store.keys.get(ACCOUNT, key.id) == after
    assert change(store, after, **LIMITS) == store.keys.get(ACCOUNT, key.id)


@pytest.mark.parametrize("used_between", [False, True], ids=["unused", "used between"])
@pytest.mark.parametrize("limit", list(LIMITS))
def test_key_verifies_while_limits_are_added_and_removed(store: Store, limit: str, used_between: bool) -> None:
    key = api_key(rate_limit=None, credits=None)
    text = add(store, key)
    uses = 0
    for value in (LIMITS[limit], () if limit == "ip_allow_list" else None, LIMITS[limit]):
        changed: dict[str, Any] = {limit: value}
        key = change(store, key, at=NOW, **changed)
        if used_between or value == LIMITS[limit]:
            assert verify(store, text, ip="10.1.2.3").code == "VALID"
            uses += 1

    kept = store.keys.get(ACCOUNT, key.id)
    assert kept.request_count_at(NOW) == uses
    assert kept.credits is None or kept.credits.remaining(NOW) == 999
    assert kept.rate is None or kept.rate.remaining(NOW) == 8  # the uses of both limits


def test_change_keeps_the_counts_of_uses(store: Store) -> None:
    key = api_key(**LIMITS)
    text = add(store, key)
    assert codes(store, text, 3) == ["IP_NOT_ALLOWED"] * 3
    for _ in range(3):
        assert verify(store, text, ip="10.0.0.1").code == "VALID"

    change(store, key, at=NOW + SECOND, name="Another", scopes=("orders:read",), description="d", metadata={"a": 1})

    kept = store.keys.get(ACCOUNT, key.id)
    assert (kept.name, kept.request_count_at(NOW), kept.last_used_at) == ("Another", 3, NOW)
    assert kept.credits is not None
    assert kept.credits.remaining(NOW) == 997
    assert kept.rate is not None
    assert kept.rate.remaining(NOW) == 7


def test_exhausted_rate_limit_stays_exhausted_when_it_changes(store: Store) -> None:
    key = api_key(rate_limit=RateLimit(5, 3600, 5))
    text = add(store, key)
    assert codes(store, text, 6) == ["VALID"] * 5 + ["RATE_LIMITED"]

    for limit in (RateLimit(4, 3600, 4), None, RateLimit(5, 60, 5), RateLimit(5, 3600, 5)):
        _edit(store, key, rate_limit=limit)
        assert codes(store, text, 1) == (["VALID"] if limit is None else ["RATE_LIMITED"])
    _edit(store, key, rate_limit=RateLimit(7, 3600, 7))
    assert codes(store, text, 3) == ["VALID"] * 2 + ["RATE_LIMITED"]


def test_use_during_a_change_of_the_rate_limit_still_counts(store: Store) -> None:
    key = api_key(rate_limit=RateLimit(5, 3600, 5))
    text = add(store, key)
    assert codes(store, text, 2) == ["VALID"] * 2
    used: list[str] = []

    def use_once(**_: Any) -> None:
        if not used:
            used.append("once")
            assert codes(store, text, 1) == ["VALID"]

    store.client.meta.events.register("before-call.dynamodb.TransactWriteItems", use_once)
    _edit(store, key, rate_limit=RateLimit(4, 3600, 4))

    assert used
    assert codes(store, text, 2) == ["VALID", "RATE_LIMITED"]


def test_change_of_the_refill_keeps_the_remaining_credits(store: Store) -> None:
    key = api_key(credits=Credits(5, Refill(5, "daily"), NOW + timedelta(hours=12)))
    text = add(store, key)
    assert codes(store, text, 4) == ["VALID"] * 4

    for refill in (Refill(100, "monthly"), None):
        _edit(store, key, credits=ChosenCredits(1, refill))
    assert codes(store, text, 2) == ["VALID", "USAGE_EXCEEDED"]


def _edit(store: Store, key: ApiKey, **changes: Any) -> None:
    editor = KeyEditor(store.keys, lambda: store.profiles, lambda: store.owners, CATALOGUE, Random(1))
    editor.change(key.id, lambda before: Configuration(replace(settings_of(before, NOW), **changes)), origin(at=NOW))


def test_new_credits_replace_the_remaining_credits(store: Store) -> None:
    key = api_key(credits=Credits(1))
    text = add(store, key)
    assert codes(store, text, 2) == ["VALID", "USAGE_EXCEEDED"]

    change(store, store.keys.get(ACCOUNT, key.id), credits=Credits(2))

    assert codes(store, text, 3) == ["VALID", "VALID", "USAGE_EXCEEDED"]


def test_disabled_key_is_refused_and_an_enabled_key_accepted(store: Store) -> None:
    key = api_key()
    text = add(store, key)

    disabled = change(store, key, stored_status="disabled")
    assert verify(store, text).code == "DISABLED"
    change(store, disabled, stored_status="active")
    assert verify(store, text).code == "VALID"


@pytest.mark.parametrize("by", ["a change", "a rotation", "a revocation"])
def test_concurrently_changed_key_is_not_overwritten(store: Store, by: str) -> None:
    key = api_key()
    add(store, key)
    if by == "a change":
        change(store, key, name="theirs")
    elif by == "a rotation":
        rotate(store, key, secret=2, grace=SECOND)
    else:
        revoke(store, key)
    before = (stored(store, key), store.audit_log(ACCOUNT))

    with pytest.raises(KeyChangedError):
        change(store, key, name="mine")
    with pytest.raises(KeyChangedError):
        rotate(store, key, secret=3, grace=SECOND)

    assert (stored(store, key), store.audit_log(ACCOUNT)) == before


def test_missing_key_and_key_of_another_account_are_not_changed(store: Store) -> None:
    theirs = api_key(account_id=OTHER)
    add(store, theirs)

    for key in (replace(theirs, account_id=ACCOUNT), api_key(2)):
        with pytest.raises(KeyChangedError):
            change(store, key, name="mine")
        with pytest.raises(KeyChangedError):
            rotate(store, key, secret=2, grace=SECOND)

    assert store.keys.get(OTHER, theirs.id) == theirs
    assert store.audit_log(ACCOUNT) == []


# ---- Rotating ----


def test_previous_secret_works_until_its_grace_period_ends(store: Store) -> None:
    key = api_key(scopes=("orders:read",))
    old = add(store, key, secret=1)
    _, new = rotate(store, key, secret=2, grace=300 * SECOND)

    for text in (old, new):
        assert verify(store, text, "orders:read", now=NOW + 300 * SECOND - MILLISECOND).code == "VALID"
    assert verify(store, old, now=NOW + 300 * SECOND).code == "EXPIRED"
    assert verify(store, new, now=NOW + 300 * SECOND).code == "VALID"


def test_without_a_grace_period_the_previous_secret_ends_at_once(store: Store) -> None:
    key = api_key()
    old = add(store, key, secret=1)
    _, new = rotate(store, key, secret=2, grace=timedelta())

    assert (verify(store, old).code, verify(store, new).code) == ("EXPIRED", "VALID")


def test_second_rotation_ends_the_older_grace_period(store: Store) -> None:
    key = api_key()
    first = add(store, key, secret=1)
    rotated, second = rotate(store, key, secret=2, grace=timedelta(days=7))
    _, third = rotate(store, rotated, secret=3, grace=timedelta(days=7))

    assert [verify(store, text).code for text in (first, second, third)] == ["NOT_FOUND", "VALID", "VALID"]


def test_rotation_can_keep_another_secret_than_the_current_one(store: Store) -> None:
    key = api_key()
    first = add(store, key, secret=1)
    rotated, second = rotate(store, key, secret=2, grace=timedelta(days=7))
    third = key_text(key, 3)
    store.keys.replace_secret(
        rotated,
        key_hash=hash_key_text(third),
        previous_until=NOW + SECOND,
        entry=entry(action="api_key.rotated", seed=3),
        kept_hash=hash_key_text(first),
    )

    assert [verify(store, text).code for text in (first, second, third)] == ["VALID", "NOT_FOUND", "VALID"]


def test_both_secrets_count_on_the_same_key(store: Store) -> None:
    key = api_key()
    old = add(store, key, secret=1)
    _, new = rotate(store, key, secret=2, grace=300 * SECOND)
    verify(store, old)
    verify(store, new)

    assert store.keys.get(ACCOUNT, key.id).request_count_at(NOW) == 2


def test_rotation_changes_only_the_secret_and_is_audited(store: Store) -> None:
    key = api_key(scopes=("orders:read",), metadata={"a": 1}, expires_at=NOW + timedelta(days=9), **LIMITS)
    add(store, key)
    rotated, _ = rotate(store, key, secret=2, grace=300 * SECOND, now=NOW + SECOND)

    assert store.keys.get(ACCOUNT, key.id) == rotated
    assert rotated == replace(key, updated_at=NOW + SECOND, rotated_at=NOW + SECOND, version=1)
    assert actions(store) == ["api_key.created", "api_key.rotated"]


def test_rotated_imported_key_shows_latchhooks_prefix(store: Store) -> None:
    key = api_key(prefix="sk_test_51Hq", key_prefix="sk_test_51Hq")
    add(store, key)
    rotated, text = rotate(store, key, secret=2, grace=SECOND)

    assert rotated.key_prefix == text[:12]
    assert store.keys.get(ACCOUNT, key.id) == rotated


# ---- Revoking ----


def test_revoked_key_is_refused_on_the_next_request(store: Store) -> None:
    key = api_key()
    text = add(store, key)
    revoke(store, key)

    assert verify(store, text).code == "REVOKED"


def test_revocation_is_stored_with_its_time_and_audited(store: Store) -> None:
    key = api_key(expires_at=NOW + timedelta(days=1))
    add(store, key)
    store.calls.clear()
    revoke(store, key, now=NOW + SECOND)

    assert store.calls == {"TransactWriteItems": 1}
    kept = store.keys.get(ACCOUNT, key.id)
    assert (kept.stored_status, kept.revoked_at, kept.updated_at) == ("revoked", NOW + SECOND, NOW + SECOND)
    assert actions(store) == ["api_key.created", "api_key.revoked"]


def test_second_revocation_keeps_the_first_time_and_is_no_error(store: Store) -> None:
    key = api_key()
    add(store, key)
    revoke(store, key, now=NOW)
    log = store.audit_log(ACCOUNT)
    revoke(store, key, now=NOW + SECOND)

    assert store.keys.get(ACCOUNT, key.id).revoked_at == NOW
    assert store.audit_log(ACCOUNT) == log


def test_key_of_another_account_is_not_revoked(store: Store) -> None:
    theirs, revoked = api_key(1, account_id=OTHER), api_key(2, account_id=OTHER)
    text = add(store, theirs)
    add(store, revoked)
    revoke(store, revoked, account_id=OTHER)

    for key in (theirs, revoked, api_key(3)):
        with pytest.raises(ApiKeyNotFoundError):
            revoke(store, key)

    assert verify(store, text).code == "VALID"
    assert store.audit_log(ACCOUNT) == []


def test_revocation_ends_every_secret(store: Store) -> None:
    key = api_key()
    old = add(store, key, secret=1)
    rotated, new = rotate(store, key, secret=2, grace=300 * SECOND)
    revoke(store, rotated)

    assert [verify(store, text).code for text in (old, new)] == ["REVOKED", "REVOKED"]


# ---- The keys of a profile ----


def test_profile_counts_the_keys_that_use_it(store: Store) -> None:
    one, another = _profile(store, 1), _profile(store, 2)
    key = api_key(profile_id=one.id)
    add(store, key)
    assert (_key_count(store, one), _key_count(store, another)) == (1, 0)

    moved = change(store, key, profile_id=another.id)
    assert (_key_count(store, one), _key_count(store, another)) == (0, 1)
    kept = change(store, moved, name="Another")
    assert _key_count(store, another) == 1
    off = change(store, kept, profile_id=None)
    assert _key_count(store, another) == 0
    change(store, off, profile_id=one.id)
    assert _key_count(store, one) == 1
    revoke(store, key)
    assert _key_count(store, one) == 0
    revoke(store, key)
    assert (_key_count(store, one), _key_count(store, another)) == (0, 0)


def test_revocation_of_a_key_with_a_profile_is_audited_once(store: Store) -> None:
    made = _profile(store)
    key = api_key(profile_id=made.id)
    text = add(store, key)
    store.calls.clear()
    revoke(store, key)

    assert store.calls == {"TransactWriteItems": 2}
    assert actions(store).count("api_key.revoked") == 1
    assert verify(store, text).code == "REVOKED"


def test_key_whose_profile_is_missing_can_be_revoked(store: Store) -> None:
    made = _profile(store)
    key = api_key(profile_id=made.id)
    text = add(store, key)
    where = {"pk": {"S": f"ACCOUNT#{ACCOUNT}"}, "sk": {"S": f"PROFILE#{made.id}"}}
    store.client.delete_item(TableName=SETTINGS, Key=where)

    revoke(store, key)

    assert verify(store, text).code == "REVOKED"


@pytest.mark.parametrize("whose", ["missing", "another account's"])
def test_key_cannot_use_a_profile_that_its_account_does_not_have(store: Store, whose: str) -> None:
    theirs = profile(account_id=OTHER)
    if whose == "another account's":
        store.profiles.add(theirs, entry(OTHER, action="permission_profile.created"))
    key = api_key(1)
    add(store, key)
    before = (store.items(API_KEYS), store.items(SETTINGS))

    with pytest.raises(UnknownProfileError):
        add(store, api_key(2, profile_id=theirs.id))
    with pytest.raises(UnknownProfileError):
        change(store, key, profile_id=theirs.id)
    with pytest.raises(UnknownProfileError):
        store.keys.add_all(ACCOUNT, [_new(3, profile_id=theirs.id)])

    assert (store.items(API_KEYS), store.items(SETTINGS)) == before


# ---- Bulk operations ----


def test_keys_are_added_thirty_per_transaction(store: Store) -> None:
    made = _profile(store)
    new = [_new(number, profile_id=made.id if number % 2 else None) for number in range(1, 66)]
    store.calls.clear()

    assert store.keys.add_all(ACCOUNT, new) == [True] * 65

    assert store.calls == {"TransactWriteItems": 3}
    assert sorted(item["id"] for item in store.items(API_KEYS)) == sorted(str(key.id) for key, _, _ in new)
    assert actions(store).count("api_key.created") == 65
    assert _key_count(store, made) == 33


@pytest.mark.parametrize("owner", [ACCOUNT, OTHER])
def test_existing_key_is_kept_and_the_others_are_added(store: Store, owner: str) -> None:
    made = _profile(store)
    add(store, api_key(17, account_id=owner, name="first"))
    new = [_new(number, name="second", profile_id=made.id) for number in range(1, 41)]

    assert store.keys.add_all(ACCOUNT, new) == [number != 17 for number in range(1, 41)]

    assert store.keys.get(owner, api_key(17).id).name == "first"
    assert len(store.items(API_KEYS)) == 40
    assert _key_count(store, made) == 39
    assert len([logged for logged in store.audit_log(ACCOUNT) if logged["action"] == "api_key.created"]) == 39 + (
        owner == ACCOUNT
    )


@pytest.mark.parametrize(("there", "transactions"), [(range(1, 61), 2), ((1, 2, 30, 31), 4)])
def test_existing_keys_cost_one_more_transaction_per_thirty_keys(
    store: Store, there: Iterable[int], transactions: int
) -> None:
    store.keys.add_all(ACCOUNT, [_new(number) for number in there])
    store.calls.clear()

    assert store.keys.add_all(ACCOUNT, [_new(number) for number in range(1, 61)]) == [
        number not in there for number in range(1, 61)
    ]

    assert store.calls == {"TransactWriteItems": transactions}
    assert len(store.items(API_KEYS)) == 60


def test_thirty_keys_with_thirty_profiles_fit_into_one_transaction(store: Store) -> None:
    profiles = [_profile(store, number) for number in range(1, 31)]
    new = [_new(number, profile_id=profiles[number - 1].id) for number in range(1, 31)]
    store.calls.clear()

    assert all(store.keys.add_all(ACCOUNT, new))
    assert {_key_count(store, one) for one in profiles} == {1}
    store.keys.revoke_all(
        ACCOUNT, [(key, entry(action="api_key.revoked", seed=1000 + at)) for at, (key, _, _) in enumerate(new)]
    )

    assert store.calls["TransactWriteItems"] == 2
    assert {_key_count(store, one) for one in profiles} == {0}


def _revocations(keys: list[ApiKey]) -> Iterator[tuple[ApiKey, Any]]:
    return ((key, entry(action="api_key.revoked", seed=1000 + at, at=NOW + SECOND)) for at, key in enumerate(keys))


def test_keys_are_revoked_thirty_per_transaction(store: Store) -> None:
    made = _profile(store)
    new = [_new(number, profile_id=made.id) for number in range(1, 62)]
    store.keys.add_all(ACCOUNT, new)
    store.calls.clear()

    store.keys.revoke_all(ACCOUNT, list(_revocations([key for key, _, _ in new])))

    assert store.calls == {"TransactWriteItems": 3}
    assert {item["status"] for item in store.items(API_KEYS)} == {"revoked"}
    assert _key_count(store, made) == 0
    assert actions(store).count("api_key.revoked") == 61


def test_concurrently_changed_keys_are_also_revoked_once(store: Store) -> None:
    made = _profile(store)
    keys = [_new(number, profile_id=made.id)[0] for number in range(1, 31)]
    for key in keys:
        add(store, key)
    revoke(store, keys[3], now=NOW + MILLISECOND)
    change(store, keys[7], profile_id=None)
    rotate(store, keys[11], secret=2, grace=SECOND)

    store.keys.revoke_all(ACCOUNT, list(_revocations(keys)))

    assert {item["status"] for item in store.items(API_KEYS)} == {"revoked"}
    assert store.keys.get(ACCOUNT, keys[3].id).revoked_at == NOW + MILLISECOND
    assert actions(store).count("api_key.revoked") == 30
    assert _key_count(store, made) == 0


@contextmanager
def _never_alone(store: Store, key: ApiKey, *, most_writes: int) -> Iterator[None]:
    """Cause a conflict in every transaction that contains the key and has more than `most_writes` writes."""

    def conflict(params: dict[str, Any], **_: Any) -> None:
        writes = json.loads(params["body"])["TransactItems"]
        if str(key.id) in json.dumps(writes) and len(writes) > most_writes:
            reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
            response: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(response, "TransactWriteItems")

    store.client.meta.events.register("before-call.dynamodb.TransactWriteItems", conflict)
    yield
    store.client.meta.events.unregister("before-call.dynamodb.TransactWriteItems", conflict)


def test_key_in_constant_use_does_not_block_the_revocation_of_others(store: Store) -> None:
    new = [_new(number) for number in range(1, 62)]
    store.keys.add_all(ACCOUNT, new)
    keys = [key for key, _, _ in new]

    with _never_alone(store, keys[3], most_writes=3):
        store.keys.revoke_all(ACCOUNT, list(_revocations(keys)))

    assert {item["status"] for item in store.items(API_KEYS)} == {"revoked"}


def test_key_that_cannot_be_revoked_raises_an_error_after_the_others(store: Store) -> None:
    new = [_new(number) for number in range(1, 62)]
    store.keys.add_all(ACCOUNT, new)
    keys = [key for key, _, _ in new]

    with _never_alone(store, keys[3], most_writes=1), pytest.raises(ConflictRetriesExhaustedError):
        store.keys.revoke_all(ACCOUNT, list(_revocations(keys)))

    assert [item["id"] for item in store.items(API_KEYS) if item["status"] != "revoked"] == [str(keys[3].id)]


def test_imported_key_is_verified_by_its_original_text(store: Store) -> None:
    text = "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc"
    key = api_key(imported_key_id(hash_key_text(text)), prefix="sk_test_4eC3", key_prefix="sk_test_4eC3")
    store.keys.add_all(ACCOUNT, [(key, hash_key_text(text), entry())])

    assert verify(store, text).code == "VALID"
    assert verify(store, text + "x").code == "NOT_FOUND"


# ---- Dependency errors ----


def _lose_the_next_response(store: Store) -> None:
    """Lose the response of the next transaction, after the transaction has taken effect."""
    lost: list[str] = []

    def lose(**_: Any) -> None:
        if not lost:
            lost.append("response")
            raise ReadTimeoutError(endpoint_url="https://dynamodb.example/")

    store.client.meta.events.register("after-call.dynamodb.TransactWriteItems", lose)


def test_key_whose_creation_lost_its_response_is_created_once(store: Store) -> None:
    _lose_the_next_response(store)
    text = add(store, api_key())

    assert verify(store, text).code == "VALID"
    assert len(store.audit_log(ACCOUNT)) == 1


def test_rotation_that_lost_its_response_keeps_the_grace_period(store: Store) -> None:
    key = api_key()
    old = add(store, key, secret=1)
    _lose_the_next_response(store)
    _, new = rotate(store, key, secret=2, grace=300 * SECOND)

    assert [verify(store, text).code for text in (old, new)] == ["VALID", "VALID"]


def test_change_that_lost_its_response_is_applied_once_without_conflict(store: Store) -> None:
    key = api_key()
    add(store, key)
    _lose_the_next_response(store)
    after = change(store, key, name="Another")

    assert store.keys.get(ACCOUNT, key.id) == after
    assert actions(store).count("api_key.updated") == 1


def test_missing_table_raises_a_dependency_error(store: Store) -> None:
    text = add(store, api_key())
    store.client.delete_table(TableName=API_KEYS)

    with pytest.raises(DependencyUnavailableError, match="ResourceNotFoundException") as outage:
        verify(store, text)

    assert text not in str(outage.value)
