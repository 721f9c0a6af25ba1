"""Searching keys by name and by the characters of the key text that are not secret."""

from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.api_keys.finding import Search
from latchhook.api_keys.key_format import ID_LENGTH, issue_key_text
from tests.samples import NOW, PREFIX, SECOND, api_key, key_text

KEY = api_key(name="Zoë's Production key")
PUBLIC = key_text(KEY)[: len(PREFIX) + ID_LENGTH]


def _finds(text: str, key: ApiKey = KEY) -> bool:
    return Search(text=text).finds(key, NOW)


def test_empty_search_is_falsy_and_finds_every_key() -> None:
    assert not Search()
    assert Search().finds(KEY, NOW)
    assert Search(status="active")
    assert Search(text="x")


@pytest.mark.parametrize("text", ["Production", "production", "PRODUCTION", "zoë", "ZOË", "key", KEY.name, " "])
def test_search_by_name_ignores_case(text: str) -> None:
    assert _finds(text)


def test_search_by_name_folds_letters_such_as_sharp_s() -> None:
    assert _finds("STRASSE", api_key(name="Straße"))


@pytest.mark.parametrize(("name", "text"), [("Caf\u00e9", "cafe\u0301"), ("CAFE\u0301 2", "f\u00e9 2")])
def test_name_is_found_in_any_encoding_of_an_accent(name: str, text: str) -> None:
    assert _finds(text, api_key(name=name))


@pytest.mark.parametrize("text", ["productions", "Prod*", "x", "%", "Zoe"])
def test_text_that_occurs_nowhere_finds_nothing(text: str) -> None:
    assert not _finds(text)


@given(st.integers(0, len(PUBLIC)), st.integers(0, len(PUBLIC)))
def test_every_part_of_the_public_characters_finds_the_key(start: int, end: int) -> None:
    assert _finds(PUBLIC[start:end])


@given(st.uuids(version=4), st.randoms(use_true_random=False), st.data())
def test_search_never_matches_secret_characters(key_id: UUID, rng: Random, data: st.DataObject) -> None:
    """A text that extends one character past the id finds nothing. Otherwise a caller could guess the secret step by
    step.
    """
    key = api_key(key_id, name="")
    text = issue_key_text(PREFIX, key.id, rng)
    public = len(PREFIX) + ID_LENGTH
    start = data.draw(st.integers(0, public - 1))
    beyond = data.draw(st.integers(public + 1, len(text)))
    assume(text[start:beyond] not in text[:public])

    assert not _finds(text[start:beyond], key)


def test_search_by_key_text_is_case_sensitive() -> None:
    assert PUBLIC.swapcase() != PUBLIC
    assert not _finds(PUBLIC.swapcase())


def test_imported_key_is_found_by_the_prefix_given_at_import() -> None:
    imported = api_key(prefix="sk_live_4f", key_prefix="sk_live_4f")

    assert _finds("live_4f", imported)
    assert not _finds("lh_live", imported)
    assert not _finds(PUBLIC[len(PREFIX) :], imported)


@pytest.mark.parametrize(("status", "found"), [("active", True), ("expired", False), ("revoked", False)])
def test_search_uses_the_status_at_the_time_of_the_request(status: Status, found: bool) -> None:
    key = api_key(expires_at=NOW + SECOND)

    assert Search(status).finds(key, NOW) == found
    assert Search("expired").finds(key, NOW + SECOND)


def test_key_must_match_both_status_and_text() -> None:
    assert Search("active", "zoë").finds(KEY, NOW)
    assert not Search("disabled", "zoë").finds(KEY, NOW)
    assert not Search("active", "adam").finds(KEY, NOW)


CONDITIONS: dict[str, tuple[Search, dict[str, Any], dict[str, Any]]] = {
    "owner": (Search(owner_user_id="user_7"), {"other_owner_id": "user_7"}, {"other_owner_id": "user_70"}),
    "owner by default": (Search(owner_user_id="user_1"), {}, {"other_owner_id": "user_7"}),
    "creator": (Search(created_by="user_1"), {"other_owner_id": "user_7"}, {"user_id": "user_7"}),
    "never used": (Search(unused_since=NOW), {"created_at": NOW - SECOND}, {"created_at": NOW}),
    "last use": (
        Search(unused_since=NOW),
        {"created_at": NOW - SECOND, "last_used_at": NOW - SECOND},
        {"created_at": NOW - SECOND, "last_used_at": NOW},
    ),
    "expiry": (Search(expires_before=NOW), {"expires_at": NOW - SECOND}, {"expires_at": NOW}),
    "no expiry": (Search(expires_before=NOW), {"expires_at": NOW - SECOND}, {}),
    "rotation": (
        Search(rotated_before=NOW),
        {"created_at": NOW - 2 * SECOND, "rotated_at": NOW - SECOND},
        {"created_at": NOW - SECOND, "rotated_at": NOW},
    ),
    "never rotated": (Search(rotated_before=NOW), {"created_at": NOW - SECOND}, {"created_at": NOW}),
    "scope": (Search(scope="orders:read"), {"scopes": ("a:b", "orders:read")}, {"scopes": ("orders:*",)}),
    "wildcard": (Search(scope="orders:*"), {"scopes": ("orders:*",)}, {"scopes": ("orders:read", "*")}),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_condition_finds_only_matching_keys(name: str) -> None:
    search, matching, other = CONDITIONS[name]
    assert search
    assert search.finds(api_key(**matching), NOW)
    assert not search.finds(api_key(**other), NOW)


def test_index_decides_status_text_and_expiry_alone() -> None:
    assert not Search("active", "x", expires_before=NOW).needs_keys
    assert all(Search(**{name: "x"}).needs_keys for name in ("owner_user_id", "created_by", "scope"))  # type: ignore[arg-type]
    assert all(Search(**{name: NOW}).needs_keys for name in ("unused_since", "rotated_before"))  # type: ignore[arg-type]
