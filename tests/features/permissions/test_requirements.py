"""The requirement that remains for a key's own scopes after its profile is taken into account."""

from hypothesis import given
from hypothesis import strategies as st

from latchhook.permissions.grants import Grants
from latchhook.permissions.requirements import Joined, Requirement, Scope, holds, under

NAMES = ["orders:read", "orders:write", "products:read", "api-keys:verify"]
GRANTED = st.lists(st.sampled_from([*NAMES, "orders:*", "*"]), max_size=3)
LEAVES: st.SearchStrategy[Requirement] = st.builds(Scope, st.sampled_from(NAMES), st.booleans())
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

    assert holds(rest, Grants.of(own)) == holds(required, Grants.of([*own, *allowed], denied))
