"""Bulk revocation: the keys that a filter selects, named keys, paging, and dry runs."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.bulk_revocation import MAX_EXAMINED, BulkRevoker, Filter, Revocation
from latchhook.api_keys.finding import Search
from latchhook.pages import Position
from tests.features.api_keys.memory import KeysInMemory
from tests.samples import ACCOUNT, MILLISECOND, NOW, api_key, origin

DAY = timedelta(days=1)
PROFILE = UUID(int=5)


def _store(*keys: ApiKey) -> KeysInMemory:
    store = KeysInMemory()
    for key in keys:
        store.put(key)
    return store


def _run(
    store: KeysInMemory, chosen: Filter, *, dry_run: bool = False, after: Position | None = None
) -> tuple[Sequence[Revocation], Position | None]:
    return BulkRevoker(store, Random(1)).run(chosen, dry_run=dry_run, after=after, origin=origin())


def _revoked(store: KeysInMemory) -> list[UUID]:
    return [row.key.id for row in store.rows.values() if row.key.stored_status == "revoked"]


@pytest.mark.parametrize(
    ("chosen", "found", "not_found"),
    [
        (Filter(search=Search("active")), {}, {"stored_status": "disabled"}),
        (Filter(search=Search("disabled")), {"stored_status": "disabled"}, {}),
        (Filter(search=Search("expired")), {"expires_at": NOW}, {"expires_at": NOW + MILLISECOND}),
        (Filter(search=Search(text="TEST")), {"name": "a test key"}, {"name": "production"}),
        (Filter(profile_id=PROFILE), {"profile_id": PROFILE}, {"profile_id": UUID(int=6)}),
        (Filter(profile_id=PROFILE), {"profile_id": PROFILE}, {}),
        (Filter(search=Search(scope="orders:read")), {"scopes": ("orders:read",)}, {"scopes": ("orders:*",)}),
        (Filter(search=Search(scope="orders:*")), {"scopes": ("a:b", "orders:*")}, {"scopes": ("orders:read",)}),
        (Filter(search=Search(created_by="user_7")), {"user_id": "user_7"}, {"user_id": "user_70"}),
        (Filter(created_before=NOW), {"created_at": NOW - MILLISECOND}, {"created_at": NOW}),
        (
            Filter(search=Search(unused_since=NOW)),
            {"created_at": NOW - DAY},
            {"created_at": NOW - DAY, "last_used_at": NOW},
        ),
        (
            Filter(search=Search(unused_since=NOW)),
            {"created_at": NOW - DAY, "last_used_at": NOW - MILLISECOND},
            {"created_at": NOW},
        ),
    ],
    ids=str,
)
def test_filter_revokes_only_matching_keys(chosen: Filter, found: dict[str, Any], not_found: dict[str, Any]) -> None:
    one, other = api_key(1, **found), api_key(2, **not_found)
    store = _store(one, other)

    results, _ = _run(store, chosen)

    assert results == [Revocation(one.id, "revoked", one)]
    assert _revoked(store) == [one.id]


CHOICES: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "search": ("search", Search("disabled", "test"), {"stored_status": "disabled", "name": "test"}),
    "profile": ("profile_id", PROFILE, {"profile_id": PROFILE}),
    "created": ("created_before", NOW, {"created_at": NOW - DAY}),
}


@given(st.sets(st.sampled_from(sorted(CHOICES))), st.sets(st.sampled_from(sorted(CHOICES))))
def test_key_must_match_all_given_criteria(asked: set[str], fulfilled: set[str]) -> None:
    chosen: dict[str, Any] = {CHOICES[name][0]: CHOICES[name][1] for name in asked}
    changes: dict[str, Any] = {}
    for name in fulfilled:
        changes |= CHOICES[name][2]

    assert Filter(**chosen).finds(api_key(**changes), NOW) == (asked <= fulfilled)


def test_empty_filter_revokes_all_unrevoked_keys_of_the_account() -> None:
    keys = [api_key(1), api_key(2, stored_status="disabled"), api_key(3, stored_status="expired", expires_at=NOW)]
    others, gone = api_key(4, account_id="acct_2"), api_key(5, stored_status="revoked")
    store = _store(*keys, others, gone)

    results, end = _run(store, Filter())

    assert [(one.key_id, one.outcome) for one in results] == [(key.id, "revoked") for key in keys]
    assert end is None
    assert store.rows[others.id].key == others
    assert len(store.entries) == 3


def test_dry_run_returns_the_same_keys_and_changes_nothing() -> None:
    store = _store(*(api_key(number, name=f"key {number % 2}") for number in range(10)))
    before = {key_id: row.key for key_id, row in store.rows.items()}

    would, _ = _run(store, Filter(search=Search(text="key 1")), dry_run=True)

    assert {one.outcome for one in would} == {"would_be_revoked"}
    assert {key_id: row.key for key_id, row in store.rows.items()} == before
    assert (store.entries, store.calls["revoke_all"]) == ([], 0)
    done, _ = _run(store, Filter(search=Search(text="key 1")))
    assert [one.key_id for one in done] == [one.key_id for one in would]
    assert len(done) == 5


# ---- Named keys ----


def test_named_keys_are_read_together_and_missing_keys_are_reported() -> None:
    mine, others = api_key(1), api_key(2, account_id="acct_2")
    store = _store(mine, others)
    missing = UUID(int=9)

    results, end = _run(store, Filter(ids=(missing, mine.id, others.id, mine.id, missing)))

    assert [(one.key_id, one.outcome) for one in results] == [
        (missing, "not_found"),
        (mine.id, "revoked"),
        (others.id, "not_found"),
    ]
    assert end is None
    assert (store.calls["read"], store.calls["live_page"]) == (1, 0)
    assert store.rows[others.id].key == others


def test_key_of_another_account_is_reported_as_not_found() -> None:
    others = api_key(2, account_id="acct_2")
    (of_others,), _ = _run(_store(others), Filter(ids=(others.id,)))
    (missing,), _ = _run(_store(), Filter(ids=(others.id,)))

    assert of_others == missing == Revocation(others.id, "not_found", None)


def test_named_keys_must_also_match_the_other_criteria() -> None:
    keys = [api_key(1), api_key(2, stored_status="disabled"), api_key(3, stored_status="revoked")]

    results, _ = _run(_store(*keys), Filter(ids=tuple(key.id for key in keys), search=Search("disabled")))

    assert [(one.key_id, one.outcome) for one in results] == [
        (keys[0].id, "not_matching"),
        (keys[1].id, "revoked"),
        (keys[2].id, "already_revoked"),
    ]


def test_repeat_by_ids_returns_every_id_and_revokes_nothing_again() -> None:
    keys = [api_key(number) for number in (1, 2, 3)]
    store = _store(*keys)
    ids = tuple(key.id for key in keys)

    assert [one.outcome for one in _run(store, Filter(ids=ids))[0]] == ["revoked"] * 3
    repeats = [_run(store, Filter(ids=ids)) for _ in range(2)]

    assert repeats[0] == repeats[1]
    assert [(one.key_id, one.outcome) for one in repeats[0][0]] == [(key_id, "already_revoked") for key_id in ids]
    assert len(store.entries) == 3


def test_empty_list_of_ids_revokes_nothing() -> None:
    store = _store(api_key())

    assert _run(store, Filter(ids=())) == ([], None)
    assert _revoked(store) == []


# ---- Accounts with many keys ----


def test_account_with_many_keys_is_read_page_by_page() -> None:
    keys = [api_key(number, name="live" if number % 500 else "test") for number in range(2 * MAX_EXAMINED + 1)]
    store = _store(*keys)

    first, after = _run(store, Filter(search=Search(text="test")), dry_run=True)
    second, further = _run(store, Filter(search=Search(text="test")), dry_run=True, after=after)
    third, end = _run(store, Filter(search=Search(text="test")), dry_run=True, after=further)

    assert [one.key_id for one in (*first, *second, *third)] == [key.id for key in keys if key.name == "test"]
    assert [len(first), len(second), len(third)] == [2, 2, 1]
    assert (after is None, further is None, end) == (False, False, None)


def test_each_revocation_has_its_own_audit_entry() -> None:
    store = _store(*(api_key(number) for number in range(5)))

    _run(store, Filter())

    assert {entry.target_id for entry in store.entries} == {str(key_id) for key_id in store.rows}
    assert len({entry.id for entry in store.entries}) == 5
    assert {(entry.action, entry.account_id) for entry in store.entries} == {("api_key.revoked", ACCOUNT)}
