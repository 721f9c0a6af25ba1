"""Filters, compared with a slow reference implementation of AWS's documentation on random filters and events.

Source: README of aws/event-ruler, "JSON Array Matching": "rulesForJSONEvent() will refuse to recognize any match in
which any two fields are within JSON objects that are in different elements of the same array", and its matcher. The
matcher processes a rule's fields in the order of their dotted names and remembers the chosen array elements. A field
that must not exist matches if no field of that name is in an element that agrees with the chosen elements.
"""

import operator
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from ipaddress import ip_network
from itertools import permutations
from typing import Any, NamedTuple

from hypothesis import assume, example, given
from hypothesis import strategies as st

from latchhook.webhooks.filter_operators import InvalidFilterError
from latchhook.webhooks.filters import Filter, read_filter

Json = dict[str, Any]
Elements = dict[int, int]
"""The index of the chosen element, by the number of the array."""
Rule = list[tuple[str, list[Any]]]
"""The alternatives of each field, by its dotted name."""


def _read(document: Any) -> Filter:
    return read_filter(document, size=0)


class Field(NamedTuple):
    """One value of a flattened event."""

    name: str
    value: Any
    elements: Elements


def _reference(pattern: Json, body: Mapping[str, Any]) -> bool:
    fields = list(_flattened(body, "", {}, iter(range(10**6))))
    return any(_walk(sorted(rule), fields, {}) for rule in _rules(pattern, ""))


def _rules(pattern: Json, path: str) -> list[Rule]:
    """Return a rule for each way to choose one object of each `$or`."""
    rules: list[Rule] = [[]]
    for name, asked in pattern.items():
        here = f"{path}.{name}" if path else name
        if name == "$or":
            more = [rule for part in asked for rule in _rules(part, path)]
        else:
            more = [[(here, asked)]] if isinstance(asked, list) else _rules(asked, here)
        rules = [[*one, *other] for one in rules for other in more]
    return rules


def _flattened(value: Any, name: str, elements: Elements, numbers: Iterator[int]) -> Iterator[Field]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flattened(inner, f"{name}.{key}" if name else key, elements, numbers)
    elif isinstance(value, list):
        array = next(numbers)
        for index, inner in enumerate(value):
            is_leaf = not isinstance(inner, dict | list)
            yield from _flattened(inner, name, elements if is_leaf else {**elements, array: index}, numbers)
    else:
        yield Field(name, value, elements)


def _walk(rule: Rule, fields: list[Field], chosen: Elements) -> bool:
    if not rule:
        return True
    (name, asked), *others = rule
    there = [
        each
        for each in fields
        if each.name == name and all(chosen.get(array, index) == index for array, index in each.elements.items())
    ]
    if not there and {"exists": False} in asked and _walk(others, fields, chosen):
        return True
    return any(
        _walk(others, fields, {**chosen, **each.elements})
        for each in there
        if any(_meets(alternative, each.value) for alternative in asked)
    )


def _names_a_path_once(pattern: Json) -> bool:
    """Return whether no field of a rule equals or contains another.

    docs/integrate/event-types-and-filters.md describes the different result for such fields.
    """
    return not any(
        f"{one}.".startswith(f"{other}.")
        for rule in _rules(pattern, "")
        for (one, _), (other, _) in permutations(rule, 2)
    )


def _meets(alternative: Any, leaf: Any) -> bool:
    if not isinstance(alternative, dict):
        both_numbers = _is_number(alternative) and _is_number(leaf)
        return Fraction(alternative) == Fraction(leaf) if both_numbers else _same(alternative, leaf)
    ((name, operand),) = alternative.items()
    if name == "anything-but":
        return not any(_meets(refused, leaf) for refused in _refused(operand))
    if name == "exists":
        return bool(operand)
    if name == "numeric":
        return _is_number(leaf) and _compares(Fraction(leaf), operand)
    return isinstance(leaf, str) and (_is_in(leaf, operand) if name == "cidr" else _fits(leaf, name, operand))


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _refused(operand: Any) -> Iterator[Any]:
    if isinstance(operand, dict):
        ((name, operands),) = operand.items()
        yield from ({name: one} for one in _listed(operands))
    else:
        yield from _listed(operand)


def _listed(operand: Any) -> list[Any]:
    return operand if isinstance(operand, list) else [operand]


def _compares(value: Fraction, operand: list[Any]) -> bool:
    compare = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
    return all(compare[sign](value, Fraction(bound)) for sign, bound in zip(operand[::2], operand[1::2], strict=True))


def _is_in(address: str, block: str) -> bool:
    return address in [str(host) for host in ip_network(block)]


def _fits(text: str, name: str, operand: Any) -> bool:
    flags = re.DOTALL
    if isinstance(operand, dict):
        operand, flags = operand["equals-ignore-case"], flags | re.IGNORECASE
    if name == "equals-ignore-case":
        flags |= re.IGNORECASE
    if name == "wildcard":
        tokens = re.findall(r"\\.|.", operand, re.DOTALL)
        expression = "".join(".*" if token == "*" else re.escape(token[-1]) for token in tokens)
    else:
        expression = {"prefix": "{}.*", "suffix": ".*{}", "equals-ignore-case": "{}"}[name].format(re.escape(operand))
    return re.fullmatch(expression, text, flags) is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _either(parts: list[Json], beside: Json) -> Json:
    return {"$or": parts, **beside}


NAMES = st.sampled_from(["a", "a-b", "b"])
"""The order of these names differs from that of their paths: `a.b` comes after `a-b`."""
TEXTS = st.text(alphabet="aAb*\\", max_size=4)
NUMBERS = st.sampled_from([0, 1, 2, 1.0, 1.5, -3])
SCALARS = TEXTS | NUMBERS | st.booleans() | st.none() | st.sampled_from(["10.0.0.1", "10.0.0.9"])
BODIES = st.recursive(
    st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=3), max_size=3),
    lambda inner: st.dictionaries(NAMES, SCALARS | inner | st.lists(inner | SCALARS | st.lists(inner), max_size=3)),
    max_leaves=8,
)
WILDCARDS = st.lists(st.sampled_from(["a", "b", r"\*", r"\\", "A"]), max_size=3).flatmap(
    lambda pieces: st.sampled_from(["*".join(pieces), "".join(pieces), "*" + "".join(pieces), "".join(pieces) + "*"])
)
SOME = st.text(alphabet="aAb", min_size=1, max_size=2)
RANGES = st.sampled_from([[">", 0, "<=", 1.5], ["=", 1], ["<", 1], [">=", 1.5], ["<", 2, ">=", 1]])
ALTERNATIVES = st.one_of(
    SCALARS,
    st.booleans().map(lambda there: {"exists": there}),
    st.builds(lambda name, text: {name: text}, st.sampled_from(["prefix", "suffix", "equals-ignore-case"]), TEXTS),
    st.builds(lambda name, text: {name: {"equals-ignore-case": text}}, st.sampled_from(["prefix", "suffix"]), TEXTS),
    WILDCARDS.map(lambda wildcard: {"wildcard": wildcard}),
    RANGES.map(lambda bounds: {"numeric": bounds}),
    st.sampled_from([{"cidr": "10.0.0.0/29"}, {"cidr": "10.0.0.9/32"}]),
    st.one_of(TEXTS, NUMBERS, st.lists(TEXTS, min_size=1, max_size=2), st.lists(NUMBERS, min_size=1, max_size=2)).map(
        lambda refused: {"anything-but": refused}
    ),
    st.builds(
        lambda name, texts: {"anything-but": {name: texts}},
        st.sampled_from(["prefix", "suffix", "equals-ignore-case"]),
        SOME | st.lists(SOME, min_size=1, max_size=2),
    ),
    WILDCARDS.map(lambda wildcard: {"anything-but": {"wildcard": wildcard}}),
)
FIELDS = st.lists(ALTERNATIVES, min_size=1, max_size=3)
PATTERNS = st.recursive(
    st.dictionaries(NAMES, FIELDS, min_size=1, max_size=2),
    lambda inner: st.one_of(
        st.dictionaries(NAMES, FIELDS | inner, min_size=1, max_size=2),
        st.builds(_either, st.lists(inner, min_size=2, max_size=3), inner),
    ),
    max_leaves=5,
)


ABSENT = {"exists": False}
ITEMS: Json = {"a": [{"b": "A"}, {"b": "B", "a-b": 5}]}


@given(PATTERNS, BODIES)
@example({"a": {"a-b": [ABSENT]}}, ITEMS)
@example({"a": {"a-b": [ABSENT, "none"]}}, ITEMS)
@example({"a": {"a-b": [ABSENT], "b": ["A"]}}, ITEMS)
@example({"a": {"b": ["A"], "c": [ABSENT]}}, {"a": [{"b": "A"}, {"b": "B", "c": 5}]})
def test_filters_match_like_the_reference(pattern: Json, body: Json) -> None:
    assume(_names_a_path_once(pattern))
    assert _read(pattern).matches(body, {}) == _reference(pattern, body)


INNER = st.lists(st.dictionaries(NAMES, st.sampled_from([0, 1, [0], [[1]]]), max_size=3), max_size=3)
ARRAYS = st.dictionaries(NAMES, st.lists(st.dictionaries(NAMES, INNER | st.sampled_from([0, 1]), max_size=3)))
FEW = st.lists(st.sampled_from([0, 1, ABSENT, {"exists": True}]), min_size=1, max_size=2)
INNER_PATTERNS = st.dictionaries(NAMES, FEW, min_size=1)
ARRAY_PATTERNS = st.recursive(
    INNER_PATTERNS,
    lambda inner: st.one_of(
        st.dictionaries(NAMES, FEW | inner, min_size=1),
        st.builds(_either, st.lists(inner, min_size=2, max_size=2), inner),
    ),
    max_leaves=4,
)


@given(st.dictionaries(NAMES, ARRAY_PATTERNS, min_size=1), ARRAYS)
def test_arrays_of_objects_match_like_the_reference(pattern: Json, body: Json) -> None:
    assume(_names_a_path_once(pattern))
    assert _read(pattern).matches(body, {}) == _reference(pattern, body)


@given(
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["a", "$or", "exists", "prefix", "numeric", "anything-but", "cidr", "ordinal"]),
                inner,
                max_size=2,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_a_valid_filter_or_is_refused(document: Any) -> None:
    try:
        found = _read(document)
    except InvalidFilterError as refused:
        at = document
        for part in refused.pointer.split("/")[1:]:
            at = at[int(part)] if isinstance(at, list) else at[part]
    else:
        found.matches({"a": "x"}, {})
