"""Cursors: each returns its position, and any other text is refused."""

import base64
import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.edge import cursors
from latchhook.edge.errors import InvalidFieldsError
from latchhook.pages import Position
from tests.samples import ACCOUNT

POSITIONS = st.lists(st.text(), max_size=3).map(tuple)
POSITION = ("1805112000000", "6d7c0bfe-4ac8-4a51-8a63-3c1f6b30a001")


def _cursor(position: Position = POSITION) -> str:
    cursor = cursors.encode(position, ACCOUNT, "api-keys")
    assert cursor is not None
    return cursor


def _is_refused(cursor: str, account_id: str = ACCOUNT, list_name: str = "api-keys") -> bool:
    with pytest.raises(InvalidFieldsError) as refused:
        cursors.decode(cursor, account_id, list_name)
    return [error.pointer for error in refused.value.errors] == ["?cursor"]


@given(POSITIONS)
def test_cursor_returns_its_position(position: Position) -> None:
    assert cursors.decode(_cursor(position), ACCOUNT, "api-keys") == position


def test_last_page_has_no_cursor() -> None:
    assert cursors.encode(None, ACCOUNT, "api-keys") is None


@given(POSITIONS)
def test_cursor_needs_no_escaping_in_a_url(position: Position) -> None:
    assert set(_cursor(position)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_other_accounts_cursor_is_refused() -> None:
    assert _is_refused(_cursor(), account_id="acct_2")


def test_other_lists_cursor_is_refused() -> None:
    assert _is_refused(_cursor(), list_name="deliveries of 1")


def test_every_changed_character_is_refused() -> None:
    cursor = _cursor()
    edited = {
        cursor[:at] + character + cursor[at + 1 :]
        for at in range(len(cursor))
        for character in "Aa0-_+/=! é\n"
        if character != cursor[at]
    }

    assert all(_is_refused(each) for each in edited)


def test_truncated_or_extended_cursor_is_refused() -> None:
    cursor = _cursor()

    assert all(_is_refused(cursor[:length]) for length in range(len(cursor)))
    assert all(_is_refused(cursor + more) for more in ("=", "==", "A", "!", "\n", cursor))


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    assert _is_refused(text)


@pytest.mark.parametrize("document", ["5", '"ab"', "null", "[1]", '[["a"]]', "{}", '{"a":1}', "[null]", "[" * 5000, ""])
def test_forged_cursor_of_another_shape_is_refused(document: str) -> None:
    digest = sha256(f"{ACCOUNT}\napi-keys\n{document}".encode()).digest()[:8]
    forged = base64.urlsafe_b64encode(digest + document.encode()).decode().rstrip("=")

    assert _is_refused(forged)


@pytest.mark.parametrize("document", ['[ "1" ]', '["1"] ', '["\\u0031"]'])
def test_forged_cursor_of_another_spelling_is_refused(document: str) -> None:
    assert json.loads(document) == ["1"]
    digest = sha256(f"{ACCOUNT}\napi-keys\n{document}".encode()).digest()[:8]

    assert _is_refused(base64.urlsafe_b64encode(digest + document.encode()).decode().rstrip("="))


def test_cursor_in_a_body_has_its_own_pointer() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        cursors.decode("x", ACCOUNT, "live-api-keys", at="/cursor")

    (error,) = refused.value.errors
    assert (error.pointer, error.detail) == ("/cursor", "Invalid cursor for this list.")
    assert _is_refused("x")


def test_list_of_live_keys_refuses_a_cursor_of_all_keys() -> None:
    assert _is_refused(_cursor(), list_name="live-api-keys")
