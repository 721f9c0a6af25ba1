"""Permission profiles: the grants of their rules, and the rights required to create and change them."""

from collections.abc import Sequence

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from latchhook.identity import caller as callers
from latchhook.identity.caller import Caller
from latchhook.identity.identity import Identity
from latchhook.permissions.errors import (
    ActionsBeyondCallerError,
    DenialBeyondCallerError,
    UnknownActionsError,
)
from latchhook.permissions.grants import Grants
from latchhook.permissions.profiles import Effect, Rule, check_rules
from latchhook.permissions.scopes import OPERATOR_SCOPES
from tests.features.permissions.test_grants import CATALOGUE, NAMES, granted
from tests.samples import ACCOUNT, caller, profile

RULES = st.lists(
    st.builds(Rule, st.sampled_from(["allow", "deny"]), st.lists(st.sampled_from(NAMES), max_size=3).map(tuple)),
    max_size=4,
)
SCOPES = st.lists(st.sampled_from(NAMES), max_size=4)
ADMIN = caller()


def holding(*allowed: str, denied: Sequence[str] = (), operator: bool = False) -> Caller:
    """Return the holder of a key with these grants."""
    return Caller("api_key", ACCOUNT, "key-1", Grants.of(allowed, denied), operator)


def allow(*actions: str) -> Rule:
    return Rule("allow", actions)


def deny(*actions: str) -> Rule:
    return Rule("deny", actions)


def beyond(new: Sequence[Rule], by: Caller, old: Sequence[Rule] = ()) -> tuple[tuple[int, int], ...]:
    with pytest.raises(ActionsBeyondCallerError) as refused:
        check_rules(new, old=old, caller=by, catalogue=CATALOGUE)
    return refused.value.positions


# ---- Grants of a profile ----


@given(RULES, SCOPES)
def test_key_has_its_own_and_allowed_scopes_except_denied_ones(rules: list[Rule], scopes: list[str]) -> None:
    grants = profile(rules=tuple(rules)).grants_for(scopes)

    own = granted(Grants.of(scopes))
    allowed = granted(Grants.of([action for rule in rules if rule.effect == "allow" for action in rule.actions]))
    denied = [action for rule in rules if rule.effect == "deny" for action in rule.actions]
    expected = {
        scope
        for scope in own | allowed
        if not any(scope == action or (action[-1] == "*" and scope.startswith(action[:-1])) for action in denied)
    }
    assert {scope for scope in CATALOGUE.everything if grants.may(scope)} == expected


@given(RULES, SCOPES)
def test_order_of_rules_and_actions_has_no_effect(rules: list[Rule], scopes: list[str]) -> None:
    backwards = tuple(Rule(rule.effect, rule.actions[::-1]) for rule in reversed(rules))

    assert profile(rules=backwards).grants_for(scopes) == profile(rules=tuple(rules)).grants_for(scopes)


def test_profile_without_rules_keeps_the_keys_own_scopes() -> None:
    assert profile(rules=()).grants_for(["orders:read"]) == Grants.of(["orders:read"])


@pytest.mark.parametrize("scope", sorted(OPERATOR_SCOPES))
def test_wildcard_in_a_profile_never_allows_but_denies_operator_scopes(scope: str) -> None:
    wildcards = ("*", scope.partition(":")[0] + ":*")

    assert not profile(rules=(allow(*wildcards),)).grants_for([]).may(scope)
    assert profile(rules=(allow(scope),)).grants_for([]).may(scope)
    for wildcard in wildcards:
        assert not profile(rules=(deny(wildcard),)).grants_for([scope]).may(scope)


# ---- Creating a profile ----


def test_admin_can_allow_and_deny_all_customer_scopes() -> None:
    check_rules([allow("*", *sorted(CATALOGUE.for_customers)), deny("*")], caller=ADMIN, catalogue=CATALOGUE)


def test_unknown_actions_are_refused_with_their_positions() -> None:
    rules = [allow("orders:read", "order:*"), deny("*", "orders:delete"), allow("events:*")]

    with pytest.raises(UnknownActionsError) as refused:
        check_rules(rules, caller=ADMIN, catalogue=CATALOGUE)
    assert refused.value.positions == ((0, 1), (1, 1), (2, 0))


def test_unknown_actions_are_reported_before_missing_rights() -> None:
    with pytest.raises(UnknownActionsError):
        check_rules([allow("orders:write", "nothing:at-all")], caller=holding("orders:read"), catalogue=CATALOGUE)


def test_actions_beyond_the_caller_are_refused_with_their_positions() -> None:
    rules = [deny("laps:read"), allow("orders:read", "orders:write"), allow("orders:*")]

    assert beyond(rules, holding("orders:read")) == ((1, 1), (2, 0))


def test_allowing_a_wildcard_requires_a_wildcard_that_covers_it() -> None:
    every = [scope for scope in CATALOGUE.everything if scope.startswith("orders:")]

    assert beyond([allow("orders:*")], holding(*every)) == ((0, 0),)
    assert beyond([allow("*")], holding("orders:*", "laps:*")) == ((0, 0),)
    assert beyond([allow("orders:*")], holding("orders:*", denied=["orders:items:write"])) == ((0, 0),)
    check_rules([allow("orders:items:*")], caller=holding("orders:*"), catalogue=CATALOGUE)


def test_denying_requires_no_rights() -> None:
    check_rules([deny("orders:*", "*")], caller=holding("laps:read"), catalogue=CATALOGUE)


@pytest.mark.parametrize("scope", sorted(OPERATOR_SCOPES))
@pytest.mark.parametrize("effect", ["allow", "deny"])
def test_only_the_operator_can_use_operator_scopes_in_a_profile(effect: Effect, scope: str) -> None:
    rules = [Rule(effect, (scope,))]

    assert beyond(rules, ADMIN) == ((0, 0),)
    assert beyond(rules, holding("*", scope)) == ((0, 0),)
    assert beyond(rules, holding("*", operator=True)) == ((0, 0),)
    check_rules(rules, caller=holding(scope, operator=True), catalogue=CATALOGUE)
    person = callers.user(Identity("u", "op", "admin"), wanted_account_id=None, operator_account_id="op")
    check_rules(rules, caller=person, catalogue=CATALOGUE)


# ---- Changing a profile ----


def test_key_cannot_remove_its_own_denial() -> None:
    """The key has `api-keys:write`, and its profile denies `orders:write`."""
    old = [deny("orders:write")]
    key = holding("api-keys:write", "orders:*", denied=["orders:write"])

    for new in ([], [deny("orders:read")], [deny("laps:*")]):
        with pytest.raises(DenialBeyondCallerError):
            check_rules(new, old=old, caller=key, catalogue=CATALOGUE)
    check_rules([], old=old, caller=ADMIN, catalogue=CATALOGUE)


def test_narrowing_a_denial_requires_the_scopes_it_frees() -> None:
    with pytest.raises(DenialBeyondCallerError):
        check_rules([deny("orders:write")], old=[deny("orders:*")], caller=holding("laps:*"), catalogue=CATALOGUE)
    check_rules([deny("orders:write")], old=[deny("orders:*")], caller=holding("orders:*"), catalogue=CATALOGUE)


@pytest.mark.parametrize("wider", ["orders:items:write", "orders:items:*", "orders:*", "*"])
def test_keeping_or_widening_a_denial_requires_no_rights(wider: str) -> None:
    new = [allow("laps:read"), deny("laps:read"), deny(wider)]

    check_rules(new, old=[deny("orders:items:write")], caller=holding("laps:read"), catalogue=CATALOGUE)


def test_change_of_rules_also_requires_the_already_allowed_scopes() -> None:
    old = [allow("orders:read", "orders:write")]

    assert beyond([*old, deny("laps:read")], holding("orders:read"), old) == ((0, 1),)


def test_removing_allowed_actions_requires_no_rights() -> None:
    check_rules([allow("laps:read")], old=[allow("*")], caller=holding("laps:read"), catalogue=CATALOGUE)


def test_action_removed_from_the_catalogue_can_stay_but_not_be_added() -> None:
    old = [allow("sold:read")]

    check_rules([*old, allow("laps:read")], old=old, caller=holding("*"), catalogue=CATALOGUE)
    with pytest.raises(UnknownActionsError) as refused:
        check_rules([*old, allow("sold:write")], old=old, caller=holding("*"), catalogue=CATALOGUE)
    assert refused.value.positions == ((1, 0),)


@given(RULES, RULES, SCOPES, SCOPES, SCOPES, st.booleans())
@example([Rule("deny", ("*",))], [], ["api-keys:verify"], ["*"], [], True)
def test_no_change_grants_a_key_more_than_the_caller_has(
    old: list[Rule], new: list[Rule], scopes: list[str], allowed: list[str], denied: list[str], operator: bool
) -> None:
    """The previous rules and the key's own scopes are arbitrary. Only keys of the operator have operator scopes."""
    assume(operator or OPERATOR_SCOPES.isdisjoint(scopes))
    by = holding(*allowed, denied=denied, operator=operator)
    try:
        check_rules(new, old=old, caller=by, catalogue=CATALOGUE)
    except (UnknownActionsError, ActionsBeyondCallerError, DenialBeyondCallerError):
        return
    before = profile(rules=tuple(old)).grants_for(scopes)
    after = profile(rules=tuple(new)).grants_for(scopes)
    gained = {scope for scope in CATALOGUE.everything if after.may(scope) and not before.may(scope)}
    assert {scope for scope in gained if not by.may(scope)} == set()
