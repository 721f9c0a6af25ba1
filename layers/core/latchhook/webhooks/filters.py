"""Which events of a name a webhook gets: EventBridge's pattern syntax on the body, and an order over declared words.

Source: Amazon EventBridge user guide, "Creating Amazon EventBridge event patterns" and "Comparison operators". An
object names fields, all of which must match; an array holds alternatives, one of which must. A field whose value is an
array matches if one of its elements does. A field that is missing matches nothing but `{"exists": false}`.

Beyond EventBridge: `{"ordinal": [">=", "major"]}` compares words by the order that the event's type declares for that
field. Unlike in EventBridge, numbers are equal by value: `300`, `300.0` and `3.0e2` are one number.

A filter is read once into small objects; matching looks at each of them and at each value under the fields they name
at most once, so its time grows with the product of the two, whatever is in them.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

MAX_BYTES = 4 * 1024
"""Of a filter as compact JSON."""
MAX_DEPTH = 10
"""Objects within objects, `$or` not counted."""
MAX_CONDITIONS = 100
"""Alternatives of all fields together."""

Orders = Mapping[str, Sequence[str]]
"""Words from the least to the greatest, by the dotted path of the field in the body: `entity.severity`."""

_MISSING = object()


class InvalidFilterError(ValueError):
    """It is no filter; `pointer` is the place in it, the text is for whoever wrote it."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail


@dataclass(frozen=True, slots=True)
class _Field:
    """What the leaf at one path must be: one of `conditions`."""

    name: str
    conditions: "tuple[Callable[[Any, Sequence[str]], bool], ...]"
    may_be_missing: bool
    path: str

    def matches(self, holder: Any, orders: Orders) -> bool:
        value = holder.get(self.name, _MISSING) if isinstance(holder, dict) else _MISSING
        if value is _MISSING or isinstance(value, dict) or value == []:
            return self.may_be_missing
        order = orders.get(self.path, ())
        values = value if isinstance(value, list) else [value]
        return any(condition(one, order) for condition in self.conditions for one in values)


@dataclass(frozen=True, slots=True)
class _Nested:
    """What the object at one path must be; of an array of objects one must be it as a whole."""

    name: str
    inner: "_Object"

    def matches(self, holder: Any, orders: Orders) -> bool:
        value = holder.get(self.name) if isinstance(holder, dict) else None
        if isinstance(value, list):
            return any(self.inner.matches(one, orders) for one in value)
        return self.inner.matches(value, orders)


@dataclass(frozen=True, slots=True)
class _Either:
    """`$or`: one of these objects."""

    parts: "tuple[_Object, ...]"

    def matches(self, holder: Any, orders: Orders) -> bool:
        return any(part.matches(holder, orders) for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Object:
    """All of these."""

    parts: tuple[_Field | _Nested | _Either, ...]

    def matches(self, holder: Any, orders: Orders) -> bool:
        return all(part.matches(holder, orders) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that has been read."""

    root: _Object

    def matches(self, body: Mapping[str, Any], orders: Orders) -> bool:
        """Whether an event's body is wanted."""
        return self.root.matches(body, orders)


_Condition = Callable[[Any, Sequence[str]], bool]
"""Whether a value meets it; the second is the field's declared order, which only `ordinal` looks at."""


def read_filter(document: Any, *, size: int) -> Filter:
    """Reads a filter of `size` bytes as compact JSON; raises `InvalidFilterError`."""
    if size > MAX_BYTES:
        raise InvalidFilterError("", f"A filter is at most {MAX_BYTES} bytes as compact JSON.")
    reader = _Reader()
    return Filter(reader.object(document, (), ()))


class _Reader:
    """Reads a filter from the top down, counting its conditions."""

    def __init__(self) -> None:
        self._conditions = 0

    def object(self, document: Any, at: tuple[str, ...], path: tuple[str, ...]) -> _Object:
        """An object: `at` is where it stands in the filter, `path` what it is about in the body."""
        if not isinstance(document, dict) or not document:
            raise _invalid(at, "This must be an object that names at least one field.")
        if len(path) >= MAX_DEPTH:
            raise _invalid(at, f"Fields may stand within each other {MAX_DEPTH} deep.")
        parts: list[_Field | _Nested | _Either] = []
        for name, inner in document.items():
            here = (*at, name)
            if name == "$or":
                parts.append(self._either(inner, here, path))
            elif isinstance(inner, list):
                parts.append(self._field(name, inner, here, path))
            else:
                parts.append(_Nested(name, self.object(inner, here, (*path, name))))
        return _Object(tuple(parts))

    def _either(self, document: Any, at: tuple[str, ...], path: tuple[str, ...]) -> _Either:
        if not isinstance(document, list) or len(document) < 2:
            raise _invalid(at, "$or takes an array of at least two objects.")
        self._count(len(document), at)
        return _Either(tuple(self.object(part, (*at, str(index)), path) for index, part in enumerate(document)))

    def _field(self, name: str, document: list[Any], at: tuple[str, ...], path: tuple[str, ...]) -> _Field:
        if not document:
            raise _invalid(at, "An array of alternatives must not be empty.")
        self._count(len(document), at)
        conditions: list[_Condition] = []
        may_be_missing = False
        for index, one in enumerate(document):
            here = (*at, str(index))
            if isinstance(one, dict) and "exists" in one:
                if len(one) != 1 or not isinstance(one["exists"], bool):
                    raise _invalid(here, "exists is true or false, and stands alone.")
                may_be_missing = may_be_missing or not one["exists"]
                if one["exists"]:
                    conditions.append(_anything)
            else:
                conditions.append(_condition(one, here))
        return _Field(name, tuple(conditions), may_be_missing, ".".join((*path, name)))

    def _count(self, conditions: int, at: tuple[str, ...]) -> None:
        self._conditions += conditions
        if self._conditions > MAX_CONDITIONS:
            raise _invalid(at, f"A filter has at most {MAX_CONDITIONS} alternatives.")


def _condition(document: Any, at: tuple[str, ...]) -> _Condition:
    if not isinstance(document, dict):
        return _exactly(document, at)
    if len(document) != 1:
        raise _invalid(at, "One operator stands in each object.")
    ((name, operand),) = document.items()
    if name == "anything-but":
        return _anything_but(operand, (*at, name))
    operator = _OPERATORS.get(name)
    if operator is None:
        raise _invalid((*at, name), f"There is no such operator; there are exists, anything-but, {_NAMES}.")
    return operator(operand, (*at, name))


def _anything(_value: Any, _order: Sequence[str]) -> bool:
    return True


def _exactly(wanted: Any, at: tuple[str, ...]) -> _Condition:
    if wanted is None or isinstance(wanted, bool):
        return lambda value, _: value is wanted
    if isinstance(wanted, str):
        return lambda value, _: isinstance(value, str) and value == wanted
    if isinstance(wanted, int | float) and _is_finite(wanted):
        return lambda value, _: _is_number(value) and value == wanted
    raise _invalid(at, "An alternative is text, a number, true, false, null or an object with one operator.")


def _prefix(operand: Any, at: tuple[str, ...]) -> _Condition:
    if isinstance(operand, dict):
        wanted = _ignoring_case(operand, at).casefold()
        return lambda value, _: isinstance(value, str) and value.casefold().startswith(wanted)
    text = _text(operand, at)
    return lambda value, _: isinstance(value, str) and value.startswith(text)


def _suffix(operand: Any, at: tuple[str, ...]) -> _Condition:
    if isinstance(operand, dict):
        wanted = _ignoring_case(operand, at).casefold()
        return lambda value, _: isinstance(value, str) and value.casefold().endswith(wanted)
    text = _text(operand, at)
    return lambda value, _: isinstance(value, str) and value.endswith(text)


def _equals_ignore_case(operand: Any, at: tuple[str, ...]) -> _Condition:
    text = _text(operand, at, may_be_empty=True).casefold()
    return lambda value, _: isinstance(value, str) and value.casefold() == text


def _wildcard(operand: Any, at: tuple[str, ...]) -> _Condition:
    """`*` is any characters; `\\*` and `\\\\` are a star and a backslash. Pieces are looked for one after the other."""
    pieces = [""]
    characters = iter(_text(operand, at))
    previous = ""
    for character in characters:
        if character == "*":
            if previous == "*":
                raise _invalid(at, "Two stars may not stand side by side.")
            pieces.append("")
            previous = character
            continue
        if character == "\\":
            character = next(characters, "")  # noqa: PLW2901  # what is escaped takes its place
            if character not in ("*", "\\"):
                raise _invalid(at, "A backslash stands before a star or a backslash.")
        pieces[-1] += character
        previous = "."
    return lambda value, _: isinstance(value, str) and _fits(value, pieces)


def _fits(text: str, pieces: Sequence[str]) -> bool:
    first, *middle, last = pieces if len(pieces) > 1 else [pieces[0], ""]
    if len(pieces) == 1:
        return text == first
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _numeric(operand: Any, at: tuple[str, ...]) -> _Condition:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise _invalid(at, 'numeric takes one or two comparisons: [">", 0, "<=", 5].')
    comparisons = []
    for sign, bound in zip(operand[::2], operand[1::2], strict=True):
        if sign not in _COMPARISONS or not _is_number(bound) or not _is_finite(bound):
            raise _invalid(at, "A comparison is one of =, <, <=, >, >= and a number.")
        comparisons.append((_COMPARISONS[sign], bound))
    if len(comparisons) == 2 and {operand[0][0], operand[2][0]} != {"<", ">"}:
        raise _invalid(at, "Two comparisons are a lower and an upper bound.")
    return lambda value, _: _is_number(value) and all(compare(value, bound) for compare, bound in comparisons)


def _cidr(operand: Any, at: tuple[str, ...]) -> _Condition:
    try:
        network = ip_network(_text(operand, at), strict=False)
    except ValueError:
        raise _invalid(at, "This must be a CIDR block of IPv4 or IPv6.") from None

    def inside(value: Any, _: Sequence[str]) -> bool:
        try:
            return isinstance(value, str) and ip_address(value) in network
        except ValueError:
            return False

    return inside


def _ordinal(operand: Any, at: tuple[str, ...]) -> _Condition:
    if not (isinstance(operand, list) and len(operand) == 2 and operand[0] in _COMPARISONS):
        raise _invalid(at, 'ordinal takes a comparison (=, <, <=, >, >=) and a word: [">=", "major"].')
    compare, word = _COMPARISONS[operand[0]], _text(operand[1], at)

    def stands(value: Any, order: Sequence[str]) -> bool:
        if not isinstance(value, str) or value not in order or word not in order:
            return False
        return compare(order.index(value), order.index(word))

    return stands


def _anything_but(operand: Any, at: tuple[str, ...]) -> _Condition:
    if isinstance(operand, dict):
        refused = _anything_but_operator(operand, at)
    else:
        if isinstance(operand, bool) or operand is None:
            raise _invalid(at, "anything-but takes text, numbers, or one of prefix, suffix, wildcard, …")
        refused = [_exactly(one, at) for one in _listed(operand, at)]
    return lambda value, order: not any(condition(value, order) for condition in refused)


def _anything_but_operator(operand: Mapping[str, Any], at: tuple[str, ...]) -> Sequence[_Condition]:
    if len(operand) != 1:
        raise _invalid(at, "One operator stands in each object.")
    ((name, operands),) = operand.items()
    if name not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
        raise _invalid((*at, name), "anything-but knows prefix, suffix, equals-ignore-case and wildcard.")
    here = (*at, name)
    return [_OPERATORS[name](one, here) for one in _listed(operands, here)]


def _listed(operand: Any, at: tuple[str, ...]) -> Sequence[Any]:
    values = operand if isinstance(operand, list) else [operand]
    if not values or any(isinstance(one, dict | list | bool) or one is None for one in values):
        raise _invalid(at, "This must be text or a number, or an array of some.")
    if len(values) > MAX_CONDITIONS:
        raise _invalid(at, f"At most {MAX_CONDITIONS} values may stand here.")
    return values


def _ignoring_case(operand: Mapping[str, Any], at: tuple[str, ...]) -> str:
    if set(operand) != {"equals-ignore-case"}:
        raise _invalid(at, 'This must be text, or {"equals-ignore-case": text}.')
    return _text(operand["equals-ignore-case"], at)


def _text(operand: Any, at: tuple[str, ...], *, may_be_empty: bool = False) -> str:
    if not isinstance(operand, str) or not (operand or may_be_empty):
        raise _invalid(at, "This must be text that is not empty.")
    return operand


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _invalid(at: Iterable[str], detail: str) -> InvalidFilterError:
    return InvalidFilterError("".join("/" + re.sub("~", "~0", part).replace("/", "~1") for part in at), detail)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}

_OPERATORS: Mapping[str, Callable[[Any, tuple[str, ...]], _Condition]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "cidr": _cidr,
    "ordinal": _ordinal,
}
_NAMES = ", ".join(_OPERATORS)
