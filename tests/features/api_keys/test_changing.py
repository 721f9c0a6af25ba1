"""Changing a key's settings: by whom, from which status to which, and what happens to its limits."""

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
    """A change of some settings; the others stay."""
    return lambda key: Configuration(replace(settings_of(key, at), **changes), status)


def _store(key: ApiKey, *profiles: Profile) -> KeysInMemory:
    store = KeysInMemory()
    store.put(key)
    for one in profiles:
        store.put_profile(one)
    return store


def _change(store: KeysInMemory, edit: Edit, *, by: Caller | None = None, at: datetime = LATER) -> ApiKey:
    (key_id,) = store.rows
    return KeyEditor(store, lambda: store, CATALOGUE, Random(1)).change(key_id, edit, origin(by=by, at=at))


def _changed(key: ApiKey, edit: Edit, *, by: Caller | None = None, at: datetime = LATER) -> ApiKey:
    return _change(_store(key), edit, by=by, at=at)


# ---- What is changed, and what stays ----


def test_settings_are_replaced_and_nothing_else_is() -> None:
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
def test_metadata_that_only_python_finds_equal_is_a_change(value: Any) -> None:
    store = _store(api_key(metadata={"a": 1}))

    assert _change(store, _set(metadata={"a": value})).updated_at == LATER
    assert [entry.details for entry in store.entries] == [{"changed": ["metadata"]}]


def test_who_changed_what_is_audited_by_the_names_of_the_settings_and_not_by_their_values() -> None:
    store = _store(api_key())

    _change(store, _set("disabled", name="s3cret", metadata={"s3cret": 1}))

    (entry,) = store.entries
    assert (entry.action, entry.details) == ("api_key.updated", {"changed": ["name", "status", "metadata"]})
    assert "s3cret" not in repr(entry)


def test_what_changes_by_itself_is_no_changed_setting() -> None:
    key = api_key()
    after = replace(key, updated_at=LATER, version=9, rate_full_at_micros=5, limit_notified=True)

    assert changed_fields(key, after) == []


def test_another_accounts_key_is_missing() -> None:
    with pytest.raises(ApiKeyNotFoundError):
        _changed(api_key(account_id="acct_2"), _set(name="mine"))


def test_a_revoked_key_never_changes_again() -> None:
    store = _store(api_key(stored_status="revoked"))

    with pytest.raises(ApiKeyRevokedError):
        _change(store, _set("active"))
    assert store.entries == []


def test_a_change_is_made_again_of_what_others_have_made_of_the_key() -> None:
    store = _store(api_key())
    store.changes_of_others = 7

    assert (_change(store, _set(name="new")).description, len(store.entries)) == ("by somebody else", 1)


def test_a_key_that_others_change_all_the_time_is_an_outage() -> None:
    store = _store(api_key())
    store.changes_of_others = 8

    with pytest.raises(DependencyUnavailableError):
        _change(store, _set(name="new"))
    assert store.entries == []


# ---- Who may ----

NO_SCOPES = caller(scopes=frozenset())


@pytest.mark.parametrize("key", [api_key(scopes=("orders:*",)), api_key(scopes=("laps:gone",))], ids=lambda k: k.scopes)
@pytest.mark.parametrize(
    "edit", [_set(name="new"), _set("disabled"), _set(ip_allow_list=("::/0",)), _set(credits=ChosenCredits(1))]
)
def test_who_leaves_the_rights_alone_needs_none_of_them(key: ApiKey, edit: Edit) -> None:
    assert _changed(key, edit, by=NO_SCOPES).scopes == key.scopes


def test_scopes_are_given_by_who_holds_them() -> None:
    by = caller(scopes=frozenset({"orders:*"}))

    assert _changed(api_key(), _set(scopes=("orders:read",)), by=by).scopes == ("orders:read",)
    with pytest.raises(ScopesBeyondCreatorError) as refused:
        _changed(api_key(), _set(scopes=("orders:read", "products:read")), by=by)
    assert refused.value.positions == (1,)


def test_unknown_scopes_are_refused_unless_the_key_has_them_already() -> None:
    key = api_key(scopes=("laps:gone",))

    assert _changed(key, _set(scopes=("orders:read", "laps:gone"))).scopes == ("orders:read", "laps:gone")
    with pytest.raises(UnknownScopesError) as refused:
        _changed(key, _set(scopes=("laps:gone", "laps:new")))
    assert refused.value.positions == (1,)


def test_scopes_in_another_order_are_the_same_and_twice_is_once() -> None:
    key = api_key(scopes=("orders:read", "orders:write"))
    chosen = ("orders:write", "orders:read", "orders:write")

    assert _changed(key, _set(scopes=chosen), by=NO_SCOPES).scopes == ("orders:write", "orders:read")


def test_who_takes_a_scope_away_must_hold_what_is_left() -> None:
    key = api_key(scopes=("orders:read", "orders:write"))
    reader = caller(scopes=frozenset({"orders:read"}))

    assert _changed(key, _set(scopes=("orders:read",)), by=reader).scopes == ("orders:read",)
    with pytest.raises(ScopesBeyondCreatorError):
        _changed(key, _set(scopes=("orders:write",)), by=reader)


# ---- Profiles ----

LIMITING = profile(1)
"""All of orders but writing them."""


def _holder(key: ApiKey, of: Profile) -> Caller:
    return Caller("api_key", ACCOUNT, str(key.id), of.grants_for(key.scopes))


def test_a_key_does_not_take_its_own_profiles_denials_off() -> None:
    key = api_key(scopes=("api-keys:write", "orders:write"), profile_id=LIMITING.id)
    store = _store(key, LIMITING, profile(2, rules=()))

    for profile_id in (None, profile(2).id):
        with pytest.raises(ScopesBeyondCreatorError):
            _change(store, _set(profile_id=profile_id), by=_holder(key, LIMITING))
    assert store.rows[key.id].key == key


def test_a_key_does_not_take_its_denials_off_another_key_either() -> None:
    own = api_key(1, scopes=("api-keys:write",), profile_id=LIMITING.id)
    store = _store(api_key(2, scopes=("orders:write",), profile_id=LIMITING.id), LIMITING)

    with pytest.raises(ScopesBeyondCreatorError):
        _change(store, _set(profile_id=None), by=_holder(own, LIMITING))


def test_who_holds_all_that_is_left_may_take_a_profile_off() -> None:
    key = api_key(scopes=("orders:write",), profile_id=LIMITING.id)

    assert _change(_store(key, LIMITING), _set(profile_id=None)).profile_id is None


def test_a_profile_is_given_by_who_holds_what_it_allows() -> None:
    store = _store(api_key(), LIMITING)

    with pytest.raises(ProfileBeyondCreatorError):
        _change(store, _set(profile_id=LIMITING.id), by=caller(scopes=frozenset({"orders:read"})))
    assert _change(store, _set(profile_id=LIMITING.id)).profile_id == LIMITING.id


def test_new_scopes_are_held_against_the_profile_too() -> None:
    """The caller holds the scope, and not what the profile that stays allows."""
    products = profile(1, rules=(Rule("allow", ("products:*",)),))
    store = _store(api_key(profile_id=products.id), products)

    with pytest.raises(ProfileBeyondCreatorError):
        _change(store, _set(scopes=("orders:read",)), by=caller(scopes=frozenset({"orders:*"})))


@pytest.mark.parametrize("wanted", [UUID(int=5), profile(3).id])
def test_a_profile_that_is_missing_or_another_accounts_is_unknown(wanted: UUID) -> None:
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
def test_a_status_is_changed_only_by_who_says_so(
    before: Status, chosen: Literal["active", "disabled"] | None, after: Status
) -> None:
    assert _changed(api_key(stored_status=before), _set(chosen)).stored_status == after


def test_a_put_without_a_status_leaves_a_disabled_key_disabled() -> None:
    after = _changed(api_key(stored_status="disabled"), lambda _: Configuration(KeySettings(name="new")))

    assert after.stored_status == "disabled"


@pytest.mark.parametrize("status", ["active", "expired"])
@pytest.mark.parametrize("expires_at", [NOW + DAY, None])
def test_a_later_expiry_revives_an_expired_key(status: Status, expires_at: datetime | None) -> None:
    after = _changed(api_key(stored_status=status, expires_at=NOW), _set(expires_at=expires_at))

    assert after.stored_status == "active"
    assert after.status_at(LATER) == "active"


@pytest.mark.parametrize("chosen", [None, "active"])
@pytest.mark.parametrize("status", ["active", "expired"])
def test_an_expired_key_can_be_changed_and_stays_expired(
    status: Status, chosen: Literal["active", "disabled"] | None
) -> None:
    """The sweep alone writes `expired`, and tells of it: one that it has not seen yet is left to it."""
    after = _changed(api_key(stored_status=status, expires_at=NOW), _set(chosen, name="new"))

    assert (after.name, after.stored_status, after.status_at(LATER)) == ("new", status, "expired")


@pytest.mark.parametrize("expires_at", [LATER, LATER - MILLISECOND, NOW - DAY])
@pytest.mark.parametrize("before", [None, NOW, NOW + DAY])
def test_a_new_expiry_is_in_the_future(before: datetime | None, expires_at: datetime) -> None:
    with pytest.raises(ExpiryNotInFutureError):
        _changed(api_key(expires_at=before), _set(expires_at=expires_at))


def test_an_expiry_a_moment_ahead_is_taken() -> None:
    assert _changed(api_key(), _set(expires_at=LATER + MILLISECOND)).expires_at == LATER + MILLISECOND


# ---- Limits ----


def test_a_rate_limit_that_stays_goes_on_where_it_stands() -> None:
    key = api_key(rate_limit=RateLimit(5, 60, 5), rate_full_at_micros=77)

    assert _changed(key, _set(name="new")).rate_full_at_micros == 77


def test_used_up_rate_limit_stays_used_up_when_it_is_lowered() -> None:
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
        # The refill came this midnight and no use has brought it about yet: 100 are left, whatever is stored.
        (Credits(3, DAILY, MIDNIGHT - DAY), ChosenCredits(100, DAILY), Credits(3, DAILY, MIDNIGHT - DAY)),
        (Credits(3, DAILY, MIDNIGHT - DAY), ChosenCredits(3, DAILY), Credits(3, DAILY, MIDNIGHT)),
    ],
)
def test_credits_are_what_was_chosen_and_a_refill_that_stays_keeps_its_moment(
    before: Credits | None, chosen: ChosenCredits | None, after: Credits | None
) -> None:
    assert _changed(api_key(credits=before), _set(credits=chosen)).credits == after


def test_who_leaves_the_credits_alone_leaves_those_that_uses_spend_meanwhile() -> None:
    """`Credits` as they were read are given back unchanged: then the store leaves its own number alone."""
    before = Credits(3, DAILY, MIDNIGHT - DAY)

    assert _changed(api_key(credits=before), _set(name="new")).credits is before
