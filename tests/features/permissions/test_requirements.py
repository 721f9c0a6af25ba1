"""The requirement that remains for a key after its profile or the rights of its owner are taken into account."""

from hypothesis import given
from hypothesis import strategies as st

from latchhook.permissions.grants import Grants
from latchhook.permissions.requirements import InAccount, Joined, Requirement, Scope, holds, opposite, under, within

NAMES = ["orders:read", "orders:write", "products:read", "api-keys:verify"]
GRANTED = st.lists(st.sampled_from([*NAMES, "orders:*", "*"]), max_size=3)
LEAVES: st.SearchStrategy[Requirement] = st.one_of(
    st.builds(Scope, st.sampled_from(NAMES), st.booleans()),
    st.builds(InAccount, st.sampled_from(["acct_1", "acct_2"]), st.booleans()),
)
TREES: st.SearchStrategy[Requirement] = st.recursive(
    LEAVES,
    lambda inner: st.builds(Joined, st.sampled_from(["and", "or"]), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=8,
)


@given(required=TREES, own=GRANTED, allowed=GRANTED, denied=GRANTED)
def test_remaining_requirement_is_equivalent_for_the_own_scopes(
    required: Requirement, own: list[str], allowed: list[str], denied: list[str]
) -> None:
    rest = under(Grants.of(allowed, denied), required)

    whole = Grants.of([*own, *allowed], denied)
    assert holds(rest, Grants.of(own), account_id="acct_1") == holds(required, whole, account_id="acct_1")


@given(required=TREES, own=GRANTED, allowed=GRANTED, denied=GRANTED)
def test_remaining_requirement_is_equivalent_for_limited_rights(
    required: Requirement, own: list[str], allowed: list[str], denied: list[str]
) -> None:
    limit = Grants.of(allowed, denied)

    limited = holds(required, Grants.of(own).within(limit), account_id="acct_1")
    assert holds(within(limit, required), Grants.of(own), account_id="acct_1") == limited


@given(required=TREES, own=GRANTED)
def test_opposite_holds_exactly_if_the_requirement_does_not(required: Requirement, own: list[str]) -> None:
    grants = Grants.of(own)

    assert holds(opposite(required), grants, account_id="acct_1") != holds(required, grants, account_id="acct_1")
