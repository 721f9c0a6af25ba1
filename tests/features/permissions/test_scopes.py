"""Scopes and wildcards: their syntax, the catalogue, and the scopes that a wildcard covers."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from latchhook.permissions.scopes import (
    CUSTOMER_SCOPES,
    OPERATOR_SCOPES,
    Catalogue,
    alternatives,
    is_scope,
    is_wildcard,
    matching,
)
from latchhook.settings import MARKETPLACE_SCOPES

WORDS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True)
SCOPES = st.lists(WORDS, min_size=2, max_size=4).map(":".join)


@pytest.mark.parametrize(
    "scope", [*MARKETPLACE_SCOPES, *sorted(CUSTOMER_SCOPES | OPERATOR_SCOPES), "a:b:c:d", "a_1-b:c"]
)
def test_scope_consists_of_resource_and_action(scope: str) -> None:
    assert is_scope(scope)


@pytest.mark.parametrize(
    "text",
    ["", "orders", "orders:", ":read", "Orders:read", "orders:*", "*", "a:b:c:d:e", "a b:c", "a:b\n", "-a:b", "a:é",
     "a" * 65 + ":b"],
)  # fmt: skip
def test_any_other_text_is_no_scope(text: str) -> None:
    assert not is_scope(text)


@pytest.mark.parametrize("text", ["*", "orders:*", "a_1-b:*", "a:b:c:*", "a" * 64 + ":*"])
def test_wildcard_ends_with_a_star_below_any_level(text: str) -> None:
    assert is_wildcard(text)
    assert not is_scope(text)


@pytest.mark.parametrize(
    "text",
    ["", "**", ":*", "*:read", "orders:re*", "orders:*:read", "orders*", "Orders:*", "a:b:c:d:*", "orders:*\n", "é:*",
     "a" * 65 + ":*"],
)  # fmt: skip
def test_any_other_text_is_no_wildcard(text: str) -> None:
    assert not is_wildcard(text)


def test_scope_matches_itself_and_every_wildcard_above_it() -> None:
    assert matching("orders:items:read") == ("orders:items:read", "orders:items:*", "orders:*", "*")


def test_wildcard_matches_itself_and_the_wildcards_above_it() -> None:
    assert matching("orders:items:*") == ("orders:items:*", "orders:*", "*")
    assert matching("*") == ("*",)


@given(SCOPES)
def test_customer_scope_is_granted_by_every_match(scope: str) -> None:
    assume(scope not in OPERATOR_SCOPES)

    assert alternatives(scope) == matching(scope)


@pytest.mark.parametrize("scope", sorted(OPERATOR_SCOPES))
def test_operator_scope_is_granted_only_by_its_own_name(scope: str) -> None:
    assert alternatives(scope) == (scope,)


@given(SCOPES, SCOPES)
def test_scope_matches_no_other_scope(one: str, other: str) -> None:
    assert (other in matching(one)) == (one == other)


@given(SCOPES, st.integers(min_value=1, max_value=3))
def test_scope_matches_the_wildcard_of_each_of_its_levels(scope: str, depth: int) -> None:
    parts = scope.split(":")
    wildcard = ":".join([*parts[: min(depth, len(parts) - 1)], "*"])

    assert is_wildcard(wildcard)
    assert wildcard in matching(scope)


@pytest.mark.parametrize("wildcard", ["order:*", "orders:read:*", "orders", "*:read", "orders:re*", "products:*"])
def test_scope_matches_no_unrelated_wildcard(wildcard: str) -> None:
    assert wildcard not in matching("orders:read")


def test_catalogue_contains_configured_and_built_in_scopes() -> None:
    catalogue = Catalogue.of(["laps:read"])

    assert catalogue.for_customers == {"laps:read"} | CUSTOMER_SCOPES
    assert catalogue.everything == catalogue.for_customers | OPERATOR_SCOPES


def test_configured_operator_scope_is_not_given_to_customers() -> None:
    catalogue = Catalogue.of([*OPERATOR_SCOPES, "laps:read"])

    assert catalogue.for_customers.isdisjoint(OPERATOR_SCOPES)


def test_default_catalogue_has_the_nine_marketplace_scopes() -> None:
    assert len(MARKETPLACE_SCOPES) == len(set(MARKETPLACE_SCOPES)) == 9


@pytest.mark.parametrize("known", ["laps:read", "events:write", "api-keys:read", "*", "laps:*", "api-keys:*"])
def test_catalogue_knows_its_scopes_and_the_wildcards_that_cover_them(known: str) -> None:
    assert Catalogue.of(["laps:read"]).unknown([known]) == set()


@pytest.mark.parametrize("unknown", ["laps:write", "lap:*", "laps:read:*", "events:*", "event-types:read:*", "", "*:*"])
def test_catalogue_knows_nothing_else(unknown: str) -> None:
    """A wildcard that covers only operator scopes is unknown, because it would grant nothing."""
    assert Catalogue.of(["laps:read"]).unknown(["laps:read", unknown]) == {unknown}


def test_wildcard_covers_the_customer_scopes_below_it() -> None:
    catalogue = Catalogue.of(["laps:read", "laps:notes:write"])

    assert catalogue.covered_by("laps:*") == ("laps:notes:write", "laps:read")
    assert catalogue.covered_by("api-keys:*") == ("api-keys:read", "api-keys:write")
    assert catalogue.covered_by("*") == tuple(sorted(catalogue.for_customers))
    assert catalogue.covered_by("laps:notes:*") == ("laps:notes:write",)
    assert catalogue.covered_by("events:*") == ()


class Added:
    """Added scopes, of which the cache has some. Counts the reads."""

    def __init__(self, cached: set[str], stored: set[str]) -> None:
        self.cached, self.stored, self.reads = frozenset(cached), frozenset(stored), 0

    def recent(self) -> frozenset[str]:
        return self.cached

    def current(self) -> frozenset[str]:
        self.reads += 1
        return self.stored


def test_added_scopes_are_read_once_and_only_for_other_names() -> None:
    added = Added({"karts:read"}, {"karts:read", "pits:open"})
    catalogue = Catalogue.of(["laps:read"], added)

    assert catalogue.unknown(["laps:*", "api-keys:read", "scopes:write", "karts:read", "karts:*"]) == set()
    assert added.reads == 0
    assert catalogue.unknown(["pits:open", "pits:*", "pits:close", "boxes:*"]) == {"pits:close", "boxes:*"}
    assert added.reads == 1


def test_wildcard_covers_added_scopes() -> None:
    catalogue = Catalogue.of(["laps:read"], Added({"laps:share", "karts:read"}, set()))

    assert catalogue.covered_by("laps:*") == ("laps:read", "laps:share")


def test_parameter_can_offer_a_wildcard() -> None:
    catalogue = Catalogue.of(["laps:*", "laps:read"])

    assert catalogue.unknown(["laps:*", "*"]) == set()
    assert catalogue.unknown(["laps:write"]) == {"laps:write"}
    assert catalogue.covered_by("laps:*") == ("laps:read",)
