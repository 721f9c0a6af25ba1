"""Scopes: their syntax, the catalogue, and when one covers another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.permissions.scopes import (
    CUSTOMER_SCOPES,
    OPERATOR_SCOPES,
    Catalogue,
    alternatives,
    covers,
    is_scope,
)
from latchhook.settings import MARKETPLACE_SCOPES

WORDS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True)
SCOPES = st.lists(WORDS, min_size=2, max_size=4).map(":".join)


@pytest.mark.parametrize(
    "scope", [*MARKETPLACE_SCOPES, *sorted(CUSTOMER_SCOPES | OPERATOR_SCOPES), "a:b:c:d", "a_1-b:c"]
)
def test_a_scope_is_resource_and_action(scope: str) -> None:
    assert is_scope(scope)


@pytest.mark.parametrize(
    "text",
    ["", "orders", "orders:", ":read", "Orders:read", "orders:*", "*", "a:b:c:d:e", "a b:c", "a:b\n", "-a:b", "a:é",
     "a" * 65 + ":b"],
)  # fmt: skip
def test_anything_else_is_no_scope(text: str) -> None:
    assert not is_scope(text)


@given(SCOPES)
def test_a_scope_covers_itself(scope: str) -> None:
    assert is_scope(scope)
    assert covers([scope], scope)


@given(SCOPES, SCOPES)
def test_a_scope_covers_no_other(held: str, required: str) -> None:
    assert covers([held], required) == (held == required)


@given(SCOPES)
def test_the_star_covers_everything(required: str) -> None:
    assert covers(["*"], required)


@given(SCOPES, st.integers(min_value=1, max_value=3))
def test_a_wildcard_covers_what_is_below_it(required: str, depth: int) -> None:
    parts = required.split(":")
    wildcard = ":".join([*parts[: min(depth, len(parts) - 1)], "*"])

    assert covers([wildcard], required)


@pytest.mark.parametrize("held", ["order:*", "orders:read:*", "orders", "*:read", "orders:re*", "products:*"])
def test_a_wildcard_covers_nothing_beside_it(held: str) -> None:
    assert not covers([held], "orders:read")


def test_nothing_held_covers_nothing() -> None:
    assert not covers([], "orders:read")


def test_all_that_covers_a_scope_goes_from_itself_to_the_star() -> None:
    assert alternatives("orders:items:read") == ("orders:items:read", "orders:items:*", "orders:*", "*")


def test_the_catalogue_is_the_operators_scopes_and_our_own() -> None:
    catalogue = Catalogue.of(["laps:read"])

    assert catalogue.for_customers == {"laps:read"} | CUSTOMER_SCOPES
    assert catalogue.everything == catalogue.for_customers | OPERATOR_SCOPES


def test_no_configuration_gives_customers_the_operators_rights() -> None:
    catalogue = Catalogue.of([*OPERATOR_SCOPES, "laps:read"])

    assert catalogue.for_customers.isdisjoint(OPERATOR_SCOPES)


def test_the_default_catalogue_is_document_001s_nine() -> None:
    assert len(MARKETPLACE_SCOPES) == len(set(MARKETPLACE_SCOPES)) == 9
