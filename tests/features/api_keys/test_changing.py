"""Changing a key's settings: required rights, allowed status changes, and the effect on limits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal
from uuid import UUID

import pytest

from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.changing import Configuration, KeyEditor, changed_fields, settings_of
from latchhook.api_keys.creation import ChosenCredits, KeySettings
from latchhook.api_keys.errors import (
    ApiKeyNotFoundError,
    ApiKeyRevokedError,
    ExpiryNotInFutureError,
    ProfileBeyondCreatorError,
    ScopesBeyondCreatorError,
    UnknownProfileError,
    UnknownScopesError,
)
from latchhook.api_keys.limits import Credits, Refill
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.identity.caller import Caller
from latchhook.permissions.profiles import Profile, Rule
from latchhook.rates import RateLimit, to_micros
from tests.features.api_keys.memory import KeysInMemory
from tests.samples import ACCOUNT, CATALOGUE, MILLISECOND, NOW, SECOND, api_key, caller, origin, profile

DAY = timedelta(days=1)
LATER = NOW + SECOND
Edit = Callable[[ApiKey], Configuration]


def _set(status: Literal["active", "disabled"] | None = None, at: datetime = LATER, **changes: Any) -> Edit:
    """Return an edit that changes the given settings and keeps the others."""
    return lambda key: Configuration(replace(settings_of(key, at), **changes), status)


def _store(key: ApiKey, *profiles: Profile) -> KeysInMemory:
    store = KeysInMemory()
    store.put(key)
    for one in profiles:
        store.put_profile(one)
    return store


def _change(store: KeysInMemory, edit: Edit, *, by: Caller | None = None, at: datetime = LATER) -> ApiKey:
    (key_id,) = store.rows
    return KeyEditor(store, lambda: store, lambda: store, CATALOGUE, Random(1)).change(
        key_id, edit, origin(by=by, at=at)
    )


def _changed(key: ApiKey, edit: Edit, *, by: Caller | None = None, at: datetime = LATER) -> ApiKey:
    return _change(_store(key), edit, by=by, at=at)


# ---- Changed and unchanged settings ----


def test_change_replaces_the_settings_and_nothing_else() -> None:
    key = api_key(daily_requests={"20270315": 3}, last_used_at=NOW, description="old", metadata={"a": 1})
    store = _store(key)

    after = _change(store, lambda _: Configuration(KeySettings(name="new", ip_allow_list=("::/0", "::/0"))))

    assert after == replace(
        key, name="new", description=None, metadata={}, ip_allow_list=("::/0",), updated_at=LATER, version=1
    )
    assert store.rows[key.id].key == after


@pytest.mark.parametrize("refill", [None, Refill(5, "daily")])
def test_change_to_the_same_settings_writes_nothing(refill: Refill | None) -> None:
    key = api_key(
        scopes=("orders:read",),
        credits=Credits(3, refill, None if refill is None else NOW),
        rate_limit=RateLimit(5, 60, 5),
        expires_at=NOW,
        metadata={"a": [1, {"b": None}]},
        ip_allow_list=("10.0.0.0/8",),
    )
    store = _store(key)

    assert _change(store, _set(metadata={"a": [1, {"b": None}]}, scopes=("orders:read", "orders:read"))) == key
    assert (store.rows[key.id].key, store.entries) == (key, [])


@pytest.mark.parametrize("value", [True, 1.0, "1"])
def test_metadata_of_another_json_type_counts_as_a_change(value: Any) -> None:
    store = _store(api_key(metadata={"a": 1}))

    assert _change(store, _set(metadata={"a": value})).updated_at == LATER
    assert [entry.details for entry in store.entries] == [{"changed": ["metadata"]}]


def test_audit_entry_lists_changed_settings_without_their_values() -> None:
    store = _store(api_key())

    _change(store, _set("disabled", name="s3cret", metadata={"s3cret": 1}))

    (entry,) = store.entries
    assert (entry.action, entry.details) == ("api_key.updated", {"changed": ["name", "status", "metadata"]})
    assert "s3cret" not in repr(entry)


def test_fields_that_change_by_themselves_are_not_reported_as_changed() -> None:
    key = api_key()
    after = replace(key, updated_at=LATER, version=9, rate_full_at_micros=5, limit_notified=True)

    assert changed_fields(key, after) == []


def test_key_of_another_account_is_not_found() -> None:
    with pytest.raises(ApiKeyNotFoundError):
        _changed(api_key(account_id="acct_2"), _set(name="mine"))


def test_revoked_key_cannot_be_changed() -> None:
    store = _store(api_key(stored_status="revoked"))

    with pytest.raises(ApiKeyRevokedError):
        _change(store, _set("active"))
    assert store.entries == []


def test_change_is_retried_after_concurrent_changes() -> None:
    store = _store(api_key())
    store.changes_of_others = 7

    assert (_change(store, _set(name="new")).description, len(store.entries)) == ("changed concurrently", 1)


def test_constant_concurrent_changes_raise_a_dependency_error() -> None:
    store = _store(api_key())
    store.changes_of_others = 8

    with pytest.raises(DependencyUnavailableError):
        _change(store, _set(name="new"))
    assert store.entries == []


# ---- Required rights ----

NO_SCOPES = caller(scopes=frozenset())


@pytest.mark.parametrize("key", [api_key(scopes=("orders:*",)), api_key(scopes=("laps:gone",))], ids=lambda k: k.scopes)
@pytest.mark.parametrize(
    "edit", [_set(name="new"), _set("disabled"), _set(ip_allow_list=("::/0",)), _set(credits=ChosenCredits(1))]
)
def test_change_without_effect_on_rights_requires_no_scopes(key: ApiKey, edit: Edit) -> None:
    assert _changed(key, edit, by=NO_SCOPES).scopes == key.scopes


def test_caller_can_only_grant_its_own_scopes() -> None:
    by = caller(scopes=frozenset({"orders:*"}))

    assert _changed(api_key(), _set(scopes=("orders:read",)), by=by).scopes == ("orders:read",)
    with pytest.raises(ScopesBeyondCreatorError) as refused:
        _changed(api_key(), _set(scopes=("orders:read", "products:read")), by=by)
    assert refused.value.positions == (1,)


def test_unknown_scopes_are_refused_unless_the_key_already_has_them() -> None:
    key = api_key(scopes=("laps:gone",))

    assert _changed(key, _set(scopes=("orders:read", "laps:gone"))).scopes == ("orders:read", "laps:gone")
    with pytest.raises(UnknownScopesError) as refused:
        _changed(key, _set(scopes=("laps:gone", "laps:new")))
    assert refused.value.positions == (1,)


def test_order_and_duplicates_of_scopes_do_not_count_as_a_change() -> None:
    key = api_key(scopes=("orders:read", "orders:write"))
    chosen = ("orders:write", "orders:read", "orders:write")

    assert _changed(key, _set(scopes=chosen), by=NO_SCOPES).scopes == ("orders:write", "orders:read")


def test_removing_a_scope_requires_the_remaining_scopes() -> None:
    key = api_key(scopes=("orders:read", "orders:write"))
    reader = caller(scopes=frozenset({"orders:read"}))

    assert _changed(key, _set(scopes=("orders:read",)), by=reader).scopes == ("orders:read",)
    with pytest.raises(ScopesBeyondCreatorError):
        _changed(key, _set(scopes=("orders:write",)), by=reader)


# ---- Profiles ----

LIMITING = profile(1)
"""A profile that allows all `orders` scopes except `orders:write`."""


def _holder(key: ApiKey, of: Profile) -> Caller:
    return Caller("api_key", ACCOUNT, str(key.id), of.grants_for(key.scopes))


def test_key_cannot_remove_the_denials_of_its_own_profile() -> None:
    key = api_key(scopes=("api-keys:write", "orders:write"), profile_id=LIMITING.id)
    store = _store(key, LIMITING, profile(2, rules=()))

    for profile_id in (None, profile(2).id):
        with pytest.raises(ScopesBeyondCreatorError):
            _change(store, _set(profile_id=profile_id), by=_holder(key, LIMITING))
    assert store.rows[key.id].key == key


def test_key_cannot_remove_its_own_denials_from_another_key() -> None:
    own = api_key(1, scopes=("api-keys:write",), profile_id=LIMITING.id)
    store = _store(api_key(2, scopes=("orders:write",), profile_id=LIMITING.id), LIMITING)

    with pytest.raises(ScopesBeyondCreatorError):
        _change(store, _set(profile_id=None), by=_holder(own, LIMITING))


def test_caller_with_all_resulting_rights_can_remove_a_profile() -> None:
    key = api_key(scopes=("orders:write",), profile_id=LIMITING.id)

    assert _change(_store(key, LIMITING), _set(profile_id=None)).profile_id is None


def test_assigning_a_profile_requires_all_rights_that_it_allows() -> None:
    store = _store(api_key(), LIMITING)

    with pytest.raises(ProfileBeyondCreatorError):
        _change(store, _set(profile_id=LIMITING.id), by=caller(scopes=frozenset({"orders:read"})))
    assert _change(store, _set(profile_id=LIMITING.id)).profile_id == LIMITING.id


def test_changing_scopes_also_requires_the_rights_of_the_profile() -> None:
    """The caller has the new scope but not the rights that the unchanged profile allows."""
    products = profile(1, rules=(Rule("allow", ("products:*",)),))
    store = _store(api_key(profile_id=products.id), products)

    with pytest.raises(ProfileBeyondCreatorError):
        _change(store, _set(scopes=("orders:read",)), by=caller(scopes=frozenset({"orders:*"})))


@pytest.mark.parametrize("wanted", [UUID(int=5), profile(3).id])
def test_missing_profile_and_profile_of_another_account_are_unknown(wanted: UUID) -> None:
    store = _store(api_key(), profile(3, account_id="acct_2"))

    with pytest.raises(UnknownProfileError):
        _change(store, _set(profile_id=wanted))


# ---- Status and expiry ----


@pytest.mark.parametrize(
    ("before", "chosen", "after"),
    [
        ("active", None, "active"), ("active", "active", "active"), ("active", "disabled", "disabled"),
        ("disabled", None, "disabled"), ("disabled", "active", "active"), ("disabled", "disabled", "disabled"),
        ("expired", "disabled", "disabled"),
    ],
)  # fmt: skip
def test_status_changes_only_if_the_request_sets_it(
    before: Status, chosen: Literal["active", "disabled"] | None, after: Status
) -> None:
    assert _changed(api_key(stored_status=before), _set(chosen)).stored_status == after


def test_put_without_a_status_keeps_a_disabled_key_disabled() -> None:
    after = _changed(api_key(stored_status="disabled"), lambda _: Configuration(KeySettings(name="new")))

    assert after.stored_status == "disabled"


@pytest.mark.parametrize("status", ["active", "expired"])
@pytest.mark.parametrize("expires_at", [NOW + DAY, None])
def test_later_expiry_reactivates_an_expired_key(status: Status, expires_at: datetime | None) -> None:
    after = _changed(api_key(stored_status=status, expires_at=NOW), _set(expires_at=expires_at))

    assert after.stored_status == "active"
    assert after.status_at(LATER) == "active"


@pytest.mark.parametrize("chosen", [None, "active"])
@pytest.mark.parametrize("status", ["active", "expired"])
def test_expired_key_can_be_changed_and_stays_expired(
    status: Status, chosen: Literal["active", "disabled"] | None
) -> None:
    """Only the scheduled expiry job writes `expired` and publishes the event. A change does not do this early."""
    after = _changed(api_key(stored_status=status, expires_at=NOW), _set(chosen, name="new"))

    assert (after.name, after.stored_status, after.status_at(LATER)) == ("new", status, "expired")


@pytest.mark.parametrize("expires_at", [LATER, LATER - MILLISECOND, NOW - DAY])
@pytest.mark.parametrize("before", [None, NOW, NOW + DAY])
def test_new_expiry_must_be_in_the_future(before: datetime | None, expires_at: datetime) -> None:
    with pytest.raises(ExpiryNotInFutureError):
        _changed(api_key(expires_at=before), _set(expires_at=expires_at))


def test_expiry_one_millisecond_ahead_is_accepted() -> None:
    assert _changed(api_key(), _set(expires_at=LATER + MILLISECOND)).expires_at == LATER + MILLISECOND


# ---- Limits ----


def test_unchanged_rate_limit_keeps_its_current_state() -> None:
    key = api_key(rate_limit=RateLimit(5, 60, 5), rate_full_at_micros=77)

    assert _changed(key, _set(name="new")).rate_full_at_micros == 77


def test_exhausted_rate_limit_stays_exhausted_when_it_is_lowered() -> None:
    hourly, lower = RateLimit(5, 3600, 5), RateLimit(4, 3600, 4)
    key = api_key(rate_limit=hourly, rate_full_at_micros=to_micros(LATER) + 5 * hourly.step_micros)

    after = _changed(key, _set(rate_limit=lower))

    assert after.rate is not None
    assert after.rate.remaining(LATER) == 0
    assert after.rate_full_at_micros == to_micros(LATER) + 5 * lower.step_micros


def test_uses_still_count_after_the_limit_is_removed_and_set_again() -> None:
    limit = RateLimit(5, 3600, 5)
    store = _store(api_key(rate_limit=limit, rate_full_at_micros=to_micros(LATER) + 5 * limit.step_micros))

    assert _change(store, _set(rate_limit=None)).rate is None
    _change(store, _set(name="Another"))
    after = _change(store, _set(rate_limit=RateLimit(10, 3600, 10)))

    assert after.rate is not None
    assert after.rate.remaining(LATER) == 5
    assert after.removed_rate_step_micros is None
    again = _change(store, _set(rate_limit=limit))
    assert again.rate is not None
    assert again.rate.remaining(LATER) == 0


DAILY = Refill(100, "daily")
MIDNIGHT = NOW.replace(hour=0) + DAY


@pytest.mark.parametrize(
    ("before", "chosen", "after"),
    [
        (None, ChosenCredits(7), Credits(7)),
        (None, ChosenCredits(7, DAILY), Credits(7, DAILY, MIDNIGHT)),
        (Credits(3), None, None),
        (Credits(3), ChosenCredits(3), Credits(3)),
        (Credits(3), ChosenCredits(9), Credits(9)),
        (Credits(3), ChosenCredits(3, DAILY), Credits(3, DAILY, MIDNIGHT)),
        (Credits(3, DAILY, MIDNIGHT), ChosenCredits(3), Credits(3)),
        (Credits(3, DAILY, MIDNIGHT), ChosenCredits(9, DAILY), Credits(9, DAILY, MIDNIGHT)),
        # The refill was due this midnight but no use has triggered it yet. 100 credits remain, although 3 are stored.
        (Credits(3, DAILY, MIDNIGHT - DAY), ChosenCredits(100, DAILY), Credits(3, DAILY, MIDNIGHT - DAY)),
        (Credits(3, DAILY, MIDNIGHT - DAY), ChosenCredits(3, DAILY), Credits(3, DAILY, MIDNIGHT)),
    ],
)
def test_credits_are_set_and_an_unchanged_refill_keeps_its_time(
    before: Credits | None, chosen: ChosenCredits | None, after: Credits | None
) -> None:
    assert _changed(api_key(credits=before), _set(credits=chosen)).credits == after


def test_change_of_other_settings_keeps_concurrently_spent_credits() -> None:
    """The same `Credits` object is passed on, so the store does not overwrite its own count."""
    before = Credits(3, DAILY, MIDNIGHT - DAY)

    assert _changed(api_key(credits=before), _set(name="new")).credits is before
