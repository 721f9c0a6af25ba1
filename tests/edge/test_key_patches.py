"""`PATCH /api-keys/{id}`: the merged configuration must be valid for `PUT`, and unnamed fields are kept."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.changing import Configuration, KeyEditor, settings_of
from latchhook.api_keys.creation import ChosenCredits, KeySettings
from latchhook.api_keys.limits import Credits, Refill
from latchhook.edge.errors import InvalidFieldsError
from latchhook.edge.key_patches import patched
from latchhook.rates import RateLimit
from tests.features.api_keys.memory import KeysInMemory
from tests.samples import CATALOGUE, NOW, SECOND, api_key, origin, profile

FULL = api_key(
    name="Shop",
    description="sync",
    scopes=("orders:read", "laps:gone"),
    profile_id=profile(1).id,
    expires_at=NOW + SECOND + timedelta(milliseconds=250),
    metadata={"team": "blue", "nested": {"a": 1, "b": [1, 2], "kept": None}},
    rate_limit=RateLimit(100, 60, 20),
    credits=Credits(7, Refill(100, "daily"), NOW + SECOND),
    ip_allow_list=("10.0.0.0/8", "2001:db8::/32"),
)
SETTINGS = settings_of(FULL, NOW)


def _patched(patch: Any, key: ApiKey = FULL) -> Configuration:
    return patched(key, patch, NOW)


def _settings(patch: Any, key: ApiKey = FULL) -> KeySettings:
    return _patched(patch, key).settings


def _pointers(patch: Any, key: ApiKey = FULL) -> list[str]:
    with pytest.raises(InvalidFieldsError) as refused:
        _patched(patch, key)
    return [error.pointer for error in refused.value.errors]


# ---- Kept fields ----

KEYS = st.builds(
    api_key,
    name=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=255),
    description=st.none() | st.just("") | st.just("sync"),
    scopes=st.sampled_from([(), ("orders:read",), ("*",), ("orders:*", "laps:gone")]),
    profile_id=st.none() | st.uuids(version=4),
    expires_at=st.none()
    | st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001
        lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    ),
    metadata=st.dictionaries(
        st.text(st.characters(codec="utf-8"), max_size=5),
        st.none()
        | st.integers(-(2**63), 2**63)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.just({"a": None}),
        max_size=4,
    ),
    rate_limit=st.none()
    | st.builds(
        lambda limit, window, share: RateLimit(limit, window, max(1, limit * share // 4)),
        st.integers(1, 1000),
        st.integers(1, 86_400),
        st.integers(1, 4),
    ),
    credits=st.none()
    | st.builds(
        Credits, st.integers(0, 10**12), st.none() | st.builds(Refill, st.integers(1, 10**12), st.just("daily"))
    ),
    ip_allow_list=st.sampled_from([(), ("10.0.0.0/8",), ("::/0", "203.0.113.9/32")]),
)


@given(KEYS)
def test_empty_patch_changes_nothing(key: ApiKey) -> None:
    assert _patched({}, key) == Configuration(settings_of(key, NOW), None)


@given(KEYS, KEYS)
def test_only_named_fields_change(key: ApiKey, other: ApiKey) -> None:
    assert _settings({"name": other.name}, key) == replace(settings_of(key, NOW), name=other.name)


def test_patch_with_equal_values_is_no_change() -> None:
    assert _settings({"name": "Shop", "rateLimit": {"limit": 100}, "credits": {"remaining": 7}}) == SETTINGS


# ---- Null ----


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("description", {"description": None}),
        ("scopes", {"scopes": ()}),
        ("profileId", {"profile_id": None}),
        ("expiresAt", {"expires_at": None}),
        ("metadata", {"metadata": {}}),
        ("rateLimit", {"rate_limit": None}),
        ("credits", {"credits": None}),
        ("ipAllowList", {"ip_allow_list": ()}),
    ],
)
def test_null_resets_a_setting(field: str, changes: dict[str, Any]) -> None:
    assert _settings({field: None}) == replace(SETTINGS, **changes)


@pytest.mark.parametrize("field", ["name", "status", "unknown", "expires_at"])
def test_null_is_refused_for_a_field_that_cannot_be_removed(field: str) -> None:
    assert _pointers({field: None}) == [f"/{field}"]


def test_null_for_an_absent_setting_changes_nothing() -> None:
    assert _settings({"rateLimit": None, "credits": None}, api_key()) == settings_of(api_key(), NOW)


# ---- Objects are merged, lists are replaced ----


@pytest.mark.parametrize(
    ("patch", "metadata"),
    [
        ({"team": "red"}, {**SETTINGS.metadata, "team": "red"}),
        ({"new": [1]}, {**SETTINGS.metadata, "new": [1]}),
        ({"team": None}, {"nested": SETTINGS.metadata["nested"]}),
        ({"nested": {"a": None, "c": 3}}, {"team": "blue", "nested": {"b": [1, 2], "kept": None, "c": 3}}),
        ({"nested": {"b": [9]}}, {"team": "blue", "nested": {"a": 1, "b": [9], "kept": None}}),
        ({"nested": 5}, {"team": "blue", "nested": 5}),
    ],
)
def test_metadata_is_merged(patch: dict[str, Any], metadata: dict[str, Any]) -> None:
    assert _settings({"metadata": patch}).metadata == metadata


def test_lists_are_replaced() -> None:
    after = _settings({"scopes": ["products:read"], "ipAllowList": ["203.0.113.9"]})

    assert (after.scopes, after.ip_allow_list) == (("products:read",), ("203.0.113.9/32",))


@pytest.mark.parametrize(
    ("patch", "limit"),
    [
        ({"limit": 50}, RateLimit(50, 60, 20)),
        ({"windowSeconds": 1}, RateLimit(100, 1, 20)),
        ({"burst": 5}, RateLimit(100, 60, 5)),
        ({"burst": None}, RateLimit(100, 60, 100)),
        ({"burst": None, "limit": 5}, RateLimit(5, 60, 5)),
    ],
)
def test_rate_limit_is_merged(patch: dict[str, Any], limit: RateLimit) -> None:
    assert _settings({"rateLimit": patch}).rate_limit == limit


def test_default_burst_follows_the_limit() -> None:
    key = api_key(rate_limit=RateLimit(100, 60, 100))

    assert _settings({"rateLimit": {"limit": 5}}, key).rate_limit == RateLimit(5, 60, 5)
    assert _settings({"rateLimit": {"limit": 500}}, key).rate_limit == RateLimit(500, 60, 500)


@pytest.mark.parametrize(
    ("patch", "credits_"),
    [
        ({"remaining": 0}, ChosenCredits(0, Refill(100, "daily"))),
        ({"refill": None}, ChosenCredits(7)),
        ({"refill": {"amount": 5}}, ChosenCredits(7, Refill(5, "daily"))),
        ({"refill": {"interval": "monthly"}}, ChosenCredits(7, Refill(100, "monthly"))),
    ],
)
def test_credits_are_merged(patch: dict[str, Any], credits_: ChosenCredits) -> None:
    assert _settings({"credits": patch}).credits == credits_


def test_unchanged_credits_are_those_at_the_time_of_the_change() -> None:
    """A due refill counts even if no use has applied it yet."""
    due = api_key(credits=Credits(0, Refill(100, "daily"), NOW))

    assert _settings({"name": "new"}, due).credits == ChosenCredits(100, Refill(100, "daily"))


# ---- Refusals ----


@pytest.mark.parametrize(
    ("patch", "pointers"),
    [
        ({"colour": 1}, ["/colour"]), ({"keyPrefix": "x"}, ["/keyPrefix"]), ({"id": "x"}, ["/id"]),
        ({"expires_at": "2027-05-01T00:00:00Z"}, ["/expires_at"]), ({"requestCount": 0}, ["/requestCount"]),
        ({"rateLimit": {"colour": 1}}, ["/rateLimit/colour"]), ({"rateLimit": {"limit": None}}, ["/rateLimit/limit"]),
        ({"rateLimit": {"limit": 19}}, ["/rateLimit/burst"]), ({"rateLimit": 5}, ["/rateLimit"]),
        ({"credits": {"refill": {"amount": 0}}}, ["/credits/refill/amount"]), ({"credits": {"remaining": None}},
        ["/credits/remaining"]), ({"status": "revoked"}, ["/status"]), ({"status": "expired"}, ["/status"]),
        ({"scopes": ["Orders"]}, ["/scopes/0"]), ({"scopes": {"0": "a:b"}}, ["/scopes"]),
        ({"ipAllowList": ["10.0.0.1/8"]}, ["/ipAllowList/0"]), ({"metadata": []}, ["/metadata"]),
        ({"metadata": {"x": "y" * 4096}}, ["/metadata"]), ({"expiresAt": "2027-05-01"}, ["/expiresAt"]),
        ({"name": ""}, ["/name"]), ({"profileId": "x"}, ["/profileId"]),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_invalid_merged_configuration_is_refused_with_pointer(patch: dict[str, Any], pointers: list[str]) -> None:
    assert _pointers(patch) == pointers


def test_size_limit_applies_to_the_merged_metadata() -> None:
    room = 4096 - len(json.dumps({**SETTINGS.metadata, "x": ""}, separators=(",", ":")))

    assert _settings({"metadata": {"x": "y" * room}}).metadata["x"] == "y" * room
    assert _pointers({"metadata": {"x": "y" * (room + 1)}}) == ["/metadata"]


def test_new_rate_limit_needs_limit_and_window() -> None:
    assert _pointers({"rateLimit": {"burst": 5}}, api_key()) == ["/rateLimit/windowSeconds", "/rateLimit/limit"]


# ---- Status ----


@pytest.mark.parametrize(("patch", "status"), [({}, None), ({"status": "disabled"}, "disabled")])
def test_status_is_kept_unless_named(patch: dict[str, Any], status: str | None) -> None:
    assert _patched(patch).status == status


@pytest.mark.parametrize("patch", [{"name": "new"}, {"name": "new", "status": "active"}])
def test_expired_key_can_be_renamed(patch: dict[str, Any]) -> None:
    store = KeysInMemory()
    key = store.put(replace(FULL, profile_id=None, expires_at=NOW - SECOND, stored_status="expired"))
    editor = KeyEditor(store, lambda: store, lambda: store, CATALOGUE, Random(1))

    after = editor.change(key.id, lambda before: patched(before, patch, NOW), origin())

    assert (after.name, after.status_at(NOW), after.expires_at) == ("new", "expired", NOW - SECOND)
    assert replace(after, name=key.name, updated_at=key.updated_at, version=key.version) == key


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"rateLimit": {"bursts": None}}, "/rateLimit/bursts"),
        ({"rateLimit": {"limit": None}}, "/rateLimit/limit"),
        ({"credits": {"remaining": None}}, "/credits/remaining"),
    ],
)
def test_null_is_refused_inside_limits(patch: dict[str, Any], pointer: str) -> None:
    assert _pointers(patch) == [pointer]
