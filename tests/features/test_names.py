"""The comparable form of names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.names import comparable


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("Caf\u00e9", "CAFE\u0301"),
        ("Stra\u00dfe", "STRASSE"),
        ("\u212bngstr\u00f6m", "a\u030angstro\u0308m"),
        ("\ud55c\uae00", "\u1112\u1161\u11ab\u1100\u1173\u11af"),
        ("\u1e9b\u0323", "\u017f\u0323\u0307"),
        ("\u01f0", "J\u030c"),
        ("\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3"),
    ],
)
def test_names_compare_equal_in_any_case_and_encoding_of_accents(name: str, same: str) -> None:
    assert comparable(name) == comparable(same)


@pytest.mark.parametrize(("name", "other"), [("cafe", "caf\u00e9"), ("\ufb01t\u00b2", "\ufb01t2"), ("a b", "ab")])
def test_different_names_stay_different(name: str, other: str) -> None:
    assert comparable(name) != comparable(other)


@given(st.text())
def test_comparable_form_is_idempotent(name: str) -> None:
    assert comparable(comparable(name)) == comparable(name)
