"""`requiredScopes` in a body: evaluated like the JSON tree itself, and limited in size."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from latchhook.edge.required_scopes import parse_required_scopes
from latchhook.permissions.grants import Grants
from latchhook.permissions.requirements import MAX_DEPTH, MAX_SCOPES, NOTHING, Scope, all_of, holds, names, opposite
from latchhook.permissions.scopes import MAX_SCOPE_LENGTH

SCOPES = ["orders:read", "orders:write", "orders:items:read", "laps:read", "api-keys:verify"]
GRANTS = st.builds(
    Grants,
    st.frozensets(st.sampled_from([*SCOPES, "*", "orders:*", "orders:items:*"]), max_size=4),
    st.frozensets(st.sampled_from([*SCOPES, "orders:*"]), max_size=2),
)


def _branches(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(
        st.fixed_dictionaries({"and": lists}),
        st.fixed_dictionaries({"or": lists}),
        st.fixed_dictionaries({"not": inner}),
    )


TREES: st.SearchStrategy[Any] = st.recursive(st.sampled_from(SCOPES), _branches, max_leaves=24)
REQUIRED = TREES | st.lists(st.sampled_from(SCOPES), max_size=18)


def _holds(tree: Any, grants: Grants) -> bool:
    """Evaluate a tree directly."""
    if isinstance(tree, str):
        return grants.may(tree)
    if isinstance(tree, list):
        return all(grants.may(scope) for scope in tree)
    if "not" in tree:
        return not _holds(tree["not"], grants)
    if "and" in tree:
        return all(_holds(part, grants) for part in tree["and"])
    return any(_holds(part, grants) for part in tree["or"])


def _parts(tree: Any) -> list[Any]:
    if isinstance(tree, str):
        return []
    if isinstance(tree, list):
        return tree
    (inner,) = tree.values()
    return inner if isinstance(inner, list) else [inner]


def _leaves(tree: Any) -> int:
    return 1 if isinstance(tree, str) else sum(_leaves(part) for part in _parts(tree))


def _depth(tree: Any) -> int:
    return 1 + max(_depth(part) for part in _parts(tree)) if isinstance(tree, dict) else 0


def _nested(depth: int, operator: str = "and") -> Any:
    tree: Any = "orders:read"
    for _ in range(depth):
        tree = {"not": tree} if operator == "not" else {operator: [tree]}
    return tree


@given(REQUIRED, GRANTS)
@example({"not": {"and": ["orders:read", {"not": "orders:write"}]}}, Grants.of(["orders:write"]))
def test_evaluation_equals_the_direct_evaluation(tree: Any, grants: Grants) -> None:
    if _leaves(tree) > MAX_SCOPES or _depth(tree) > MAX_DEPTH:
        with pytest.raises(ValueError, match=r"At most 16|8 levels deep"):
            parse_required_scopes(tree)
    else:
        assert holds(parse_required_scopes(tree), grants) == _holds(tree, grants)


@given(TREES.filter(lambda tree: _leaves(tree) <= MAX_SCOPES and _depth(tree) < MAX_DEPTH), GRANTS)
def test_opposite_is_met_exactly_if_the_requirement_is_not(tree: Any, grants: Grants) -> None:
    requirement = parse_required_scopes(tree)

    assert holds(opposite(requirement), grants) is not holds(requirement, grants)
    assert opposite(opposite(requirement)) == requirement
    assert parse_required_scopes({"not": tree}) == opposite(requirement)
    assert list(names(opposite(requirement))) == list(names(requirement))


@given(GRANTS)
def test_empty_requirement_is_always_met_and_its_opposite_never(grants: Grants) -> None:
    assert parse_required_scopes([]) == NOTHING
    assert holds(NOTHING, grants)
    assert not holds(opposite(NOTHING), grants)


@pytest.mark.parametrize("operator", ["and", "or", "not"])
def test_depth_is_limited_to_eight(operator: str) -> None:
    assert list(names(parse_required_scopes(_nested(8, operator)))) == ["orders:read"]
    with pytest.raises(ValueError, match="8 levels deep"):
        parse_required_scopes(_nested(9, operator))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda scopes: scopes,
        lambda scopes: {"and": scopes},
        lambda scopes: {"or": [{"not": {"and": scopes[:3]}}, {"or": scopes[3:]}]},
    ],
    ids=["list", "and", "tree"],
)
def test_number_of_scopes_is_limited_to_sixteen_including_repeated_ones(wrap: Any) -> None:
    assert len(list(names(parse_required_scopes(wrap(["a:b"] * 16))))) == 16
    with pytest.raises(ValueError, match="At most 16 scopes"):
        parse_required_scopes(wrap(["a:b"] * 17))


def test_list_requires_all_scopes_and_a_text_requires_one() -> None:
    assert parse_required_scopes(["a:b", "c:d"]) == all_of(["a:b", "c:d"])
    assert parse_required_scopes("a:b") == Scope("a:b")
    assert parse_required_scopes({"not": "a:b"}) == Scope("a:b", held=False)


@pytest.mark.parametrize(
    "value",
    [
        None, True, 5, "", "orders", "orders:*", "*", "Orders:read", "a:b\n", {}, {"and": []}, {"or": []},
        {"not": []}, {"not": None}, {"not": {}}, {"and": "a:b"}, {"and": {"or": ["a:b"]}}, {"xor": ["a:b"]},
        {"and": ["a:b"], "or": ["c:d"]}, {"not": "a:b", "and": ["a:b"]}, {"and": ["a:b", None]}, {"and": [["a:b"]]},
        [["a:b"]], [{"not": "a:b"}], ["a:b", 5], {"AND": ["a:b"]},
    ],
    ids=repr,
)  # fmt: skip
def test_other_value_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"scope|part"):
        parse_required_scopes(value)


def test_length_of_a_scope_is_limited() -> None:
    longest = f"{'a' * 64}:{'b' * 64}:{'c' * 64}:{'d' * 5}"

    assert len(longest) == MAX_SCOPE_LENGTH
    assert parse_required_scopes(longest) == Scope(longest)
    with pytest.raises(ValueError, match="scope"):
        parse_required_scopes(longest + "d")
