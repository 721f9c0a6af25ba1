"""Filters against a slow reference, on random filters and events."""

import json
import operator
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from ipaddress import ip_network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from latchhook.webhooks.filter_operators import InvalidFilterError
from latchhook.webhooks.filters import Filter, read_filter

Json = dict[str, Any]


def _read(document: Any) -> Filter:
    return read_filter(document, size=0)


def _reference(pattern: Json, body: Mapping[str, Any]) -> bool:
    """The same by other means: a field's values from a walk, regular expressions, fractions, all choices tried."""
    for name, asked in pattern.items():
        if name == "$or":
            held = [_reference(part, body) for part in asked]
            if True not in held:
                return False
            continue
        there = list(_walk(body[name])) if name in body else []
        if isinstance(asked, list):
            leaves = [one for one in there if not isinstance(one, dict)]
            held = [_meets(alternative, leaf) for alternative in asked for leaf in leaves]
            if not leaves:
                held = [alternative == {"exists": False} for alternative in asked]
            if True not in held:
                return False
        else:
            held = [_reference(asked, one) for one in there if isinstance(one, dict)] or [_reference(asked, {})]
            if (False in held) if _only_absence(asked) else (True not in held):
                return False
    return True


def _walk(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _walk(one)
    else:
        yield value


def _only_absence(pattern: Json) -> bool:
    text = json.dumps(pattern)
    leaves = re.findall(r"\[(?!\{\"exists\": false\}\])", text)
    return leaves == []


def _meets(alternative: Any, leaf: Any) -> bool:
    if not isinstance(alternative, dict):
        both_numbers = _is_number(alternative) and _is_number(leaf)
        return Fraction(alternative) == Fraction(leaf) if both_numbers else json.dumps(alternative) == json.dumps(leaf)
    ((name, operand),) = alternative.items()
    if name == "anything-but":
        return not any(_meets(refused, leaf) for refused in _refused(operand))
    if name == "exists":
        return bool(operand)
    if name == "numeric":
        return _is_number(leaf) and _stands(Fraction(leaf), operand)
    return isinstance(leaf, str) and (_is_in(leaf, operand) if name == "cidr" else _fits(leaf, name, operand))


def _refused(operand: Any) -> Iterator[Any]:
    if isinstance(operand, dict):
        ((name, operands),) = operand.items()
        yield from ({name: one} for one in _walk(operands))
    else:
        yield from _walk(operand)


def _stands(value: Fraction, operand: list[Any]) -> bool:
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


NAMES = st.sampled_from("abc")
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


@given(PATTERNS, BODIES)
def test_filters_match_what_a_slow_reference_matches(pattern: Json, body: Json) -> None:
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
def test_whatever_is_sent_is_a_filter_or_is_refused(document: Any) -> None:
    try:
        found = _read(document)
    except InvalidFilterError as refused:
        at = document
        for part in refused.pointer.split("/")[1:]:
            at = at[int(part)] if isinstance(at, list) else at[part]
    else:
        found.matches({"a": "x"}, {})
