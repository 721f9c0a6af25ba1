"""Grants, compared with an expansion of every wildcard over a small catalogue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latchhook.permissions.grants import Grants
from latchhook.permissions.scopes import OPERATOR_SCOPES, Catalogue, is_scope, is_wildcard

CATALOGUE = Catalogue.of(["orders:read", "orders:write", "orders:items:read", "orders:items:write", "laps:read"])
WILDCARDS = ["*", "orders:*", "orders:items:*", "laps:*", "api-keys:*", "events:*"]
NAMES = [*sorted(CATALOGUE.everything), *WILDCARDS]
ACTIONS = st.frozensets(st.sampled_from(NAMES), max_size=6)


def expanded(action: str) -> set[str]:
    """Return the scopes that an action covers, compared as text."""
    if not action.endswith("*"):
        return {action}
    return {scope for scope in CATALOGUE.everything if scope.startswith(action[:-1])}


def granted(grants: Grants) -> set[str]:
    """Return the granted scopes of the catalogue, computed one by one. A wildcard grants no operator scope."""
    allowed = {
        scope
        for action in grants.allowed
        for scope in expanded(action)
        if action == scope or scope not in OPERATOR_SCOPES
    }
    return allowed - {scope for action in grants.denied for scope in expanded(action)}


def test_names_are_scopes_and_wildcards() -> None:
    assert all(is_scope(name) or is_wildcard(name) for name in NAMES)
    assert len(CATALOGUE.everything) == len({scope for name in NAMES for scope in expanded(name)})


@given(ACTIONS, ACTIONS)
def test_scope_is_granted_exactly_if_allowed_and_not_denied(allowed: frozenset[str], denied: frozenset[str]) -> None:
    grants = Grants(allowed, denied)

    assert {scope for scope in CATALOGUE.everything if grants.may(scope)} == granted(grants)


@given(ACTIONS, ACTIONS, st.sampled_from(WILDCARDS))
def test_granted_wildcard_includes_every_customer_scope_below_it(
    allowed: frozenset[str], denied: frozenset[str], wildcard: str
) -> None:
    grants = Grants(allowed, denied)

    if grants.may(wildcard):
        assert expanded(wildcard) - OPERATOR_SCOPES <= granted(grants)
        assert not any(expanded(wildcard) & expanded(action) for action in denied)


@given(ACTIONS, ACTIONS, st.sampled_from(WILDCARDS))
def test_wildcard_is_granted_if_allowed_and_no_part_is_denied(
    allowed: frozenset[str], denied: frozenset[str], wildcard: str
) -> None:
    """A denial of a scope that is not yet in the catalogue counts too."""
    wider = any(action.endswith("*") and wildcard.startswith(action[:-1]) for action in allowed)
    meets = any(
        action.startswith(wildcard[:-1]) or (action.endswith("*") and wildcard.startswith(action[:-1]))
        for action in denied
    )

    assert Grants(allowed, denied).may(wildcard) == (wider and not meets)


@given(ACTIONS, ACTIONS)
def test_listed_grants_are_equivalent_and_contain_no_denials(allowed: frozenset[str], denied: frozenset[str]) -> None:
    grants = Grants(allowed, denied)
    listed = grants.listed(CATALOGUE)

    assert granted(Grants.of(listed)) == granted(grants)
    assert len(listed) == len(set(listed))


@given(ACTIONS, ACTIONS, ACTIONS)
def test_denials_only_remove_grants(allowed: frozenset[str], denied: frozenset[str], more: frozenset[str]) -> None:
    held = {name for name in NAMES if Grants(allowed, denied | more).may(name)}

    assert all(Grants(allowed, denied).may(name) for name in held)


def test_empty_grants_grant_nothing() -> None:
    assert [name for name in NAMES if Grants.of([]).may(name)] == []
    assert Grants.of([]).listed(CATALOGUE) == ()


@pytest.mark.parametrize(
    ("allowed", "denied", "listed"),
    [
        (["orders:*"], [], ("orders:*",)),
        (["orders:*"], ["orders:write"], ("orders:items:read", "orders:items:write", "orders:read")),
        (["orders:*", "laps:read"], ["orders:items:*"], ("laps:read", "orders:read", "orders:write")),
        (["orders:read", "orders:write"], ["orders:write"], ("orders:read",)),
        (["orders:read"], ["*"], ()),
        (["events:write"], ["orders:read"], ("events:write",)),
    ],
)
def test_partly_denied_wildcard_is_listed_as_its_remaining_scopes(
    allowed: list[str], denied: list[str], listed: tuple[str, ...]
) -> None:
    assert Grants.of(allowed, denied).listed(CATALOGUE) == listed


@pytest.mark.parametrize(
    ("allowed", "denied", "covered"),
    [
        (["*"], [], False),
        (["*"], ["orders:write"], True),
        (["*"], ["orders:*"], True),
        (["*"], ["*"], True),
        (["*"], ["orders:read"], False),
        (["orders:*"], [], False),
        (["orders:write"], [], False),
        (["orders:read", "invoices:*"], [], True),
        (["events:write"], [], False),
        ([], [], True),
    ],
)
def test_grants_cover_what_they_include(allowed: list[str], denied: list[str], covered: bool) -> None:
    assert Grants.of(["*"], ["orders:write"]).covers(Grants.of(allowed, denied)) is covered


def test_grants_without_a_wildcard_do_not_cover_it() -> None:
    assert not Grants.of(["orders:read", "orders:write"]).covers(Grants.of(["orders:*"]))


@given(ACTIONS, ACTIONS, ACTIONS, ACTIONS)
def test_common_rights_are_those_that_both_grant(
    allowed: frozenset[str], denied: frozenset[str], other_allowed: frozenset[str], other_denied: frozenset[str]
) -> None:
    one, other = Grants(allowed, denied), Grants(other_allowed, other_denied)
    assert granted(one.within(other)) == granted(one) & granted(other)
    assert one.covers(one.within(other))
