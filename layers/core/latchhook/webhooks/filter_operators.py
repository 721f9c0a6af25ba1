"""The operators of filters: how an alternative is compared with a value, and the cost of the comparison.

Source: Amazon EventBridge user guide, "Comparison operators for use in event patterns". Text is compared by characters.
Comparisons without case use Unicode case folding. Exact values and lists of `anything-but` are sets, so their size does
not affect the cost.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from latchhook.webhooks.errors import FilterTooExpensiveError

MAX_CONDITIONS = 100
"""Limit for the alternatives of all fields and of each `$or` together."""

Place = tuple[str, ...]
"""A place in a filter, as the names and indexes of its path."""

_BLOCK = re.compile("[0-9A-Fa-f.:]+/[0-9]{1,3}")
_LONGEST_ADDRESS = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")

# Costs in units of one comparison of short text (0.4 microseconds): parsing an address, and for each 1024 characters of
# the value, folding its case and searching the pieces of a wildcard in the worst case.
_ADDRESS_UNITS = 30
_FOLDING_UNITS = 32
_SEARCH_UNITS = 24


class InvalidFilterError(ValueError):
    """The filter is invalid. `pointer` is the place of the error, and `detail` is a text for the caller."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail


class Work:
    """Counts the remaining comparisons."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def charge(self, units: int) -> None:
        """Subtract comparisons before they are made. Raises `FilterTooExpensiveError` if too few are left."""
        self.left -= units
        if self.left < 0:
            raise FilterTooExpensiveError


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator with its operand."""

    meets: Callable[[Any, Sequence[str]], bool]
    """Returns whether a scalar value meets the condition. The second argument is the field's order, for `ordinal`."""
    units: int = 1
    """Comparisons per value."""
    units_by_length: int = 0
    """Additional comparisons per 1024 characters of a text."""


@dataclass(frozen=True, slots=True)
class _Exact:
    """Values that are compared by equality. Numbers are compared by value, and `True` is not a number."""

    texts: frozenset[str]
    numbers: frozenset[int | float]
    constants: frozenset[bool | None]

    def has(self, value: Any) -> bool:
        if isinstance(value, str):
            return value in self.texts
        if value is None or isinstance(value, bool):
            return value in self.constants
        return value in self.numbers


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The alternatives of one field."""

    exact: _Exact
    conditions: tuple[Condition, ...]
    may_be_missing: bool
    """Whether `{"exists": false}` is an alternative."""
    uses_ordinal: bool
    units: int
    units_by_length: int

    def meets(self, value: Any, order: Sequence[str], work: Work) -> bool:
        """Return whether a scalar value meets an alternative. Raises `FilterTooExpensiveError`."""
        work.charge(1)
        if self.exact.has(value):
            return True
        if not self.conditions:
            return False
        by_length = len(value) * self.units_by_length // 1024 if isinstance(value, str) else 0
        work.charge(self.units + by_length)
        return any(condition.meets(value, order) for condition in self.conditions)


def read_alternatives(document: Sequence[Any], at: Place) -> Alternatives:
    """Read the alternatives of one field. Raises `InvalidFilterError`."""
    values: list[Any] = []
    conditions: list[Condition] = []
    may_be_missing = uses_ordinal = False
    for index, one in enumerate(document):
        here = (*at, str(index))
        if not isinstance(one, dict):
            values.append(_checked_value(one, here))
        elif "exists" in one:
            if len(one) != 1 or not isinstance(one["exists"], bool):
                raise invalid(here, "exists must be true or false, and must be the only operator in its object.")
            if one["exists"]:
                conditions.append(_ANYTHING)
            else:
                may_be_missing = True
        else:
            conditions.append(_condition(one, here))
            uses_ordinal = uses_ordinal or "ordinal" in one
    return Alternatives(
        _exact(values),
        tuple(conditions),
        may_be_missing,
        uses_ordinal,
        sum(condition.units for condition in conditions),
        sum(condition.units_by_length for condition in conditions),
    )


def _condition(document: Mapping[str, Any], at: Place) -> Condition:
    """Read an operator other than `exists`. Raises `InvalidFilterError`."""
    if len(document) != 1:
        raise invalid(at, "Each object must have exactly one operator.")
    ((name, operand),) = document.items()
    if name == "anything-but":
        return _anything_but(operand, (*at, name))
    operator = _OPERATORS.get(name)
    if operator is None:
        raise invalid((*at, name), f"The operator is unknown. The operators are exists, anything-but, {_NAMES}.")
    return operator(operand, (*at, name))


def _checked_value(wanted: Any, at: Place) -> Any:
    if wanted is None or isinstance(wanted, bool | str) or (_is_number(wanted) and _is_finite(wanted)):
        return wanted
    raise invalid(at, "An alternative must be text, a number, true, false, null or an object with one operator.")


def _exact(values: Iterable[Any]) -> _Exact:
    known = list(values)
    return _Exact(
        frozenset(one for one in known if isinstance(one, str)),
        frozenset(one for one in known if _is_number(one)),
        frozenset(one for one in known if one is None or isinstance(one, bool)),
    )


def _prefix(operand: Any, at: Place) -> Condition:
    if isinstance(operand, dict):
        wanted = _ignoring_case(operand, at).casefold()
        return _of_text(lambda text: text.casefold().startswith(wanted), by_length=_FOLDING_UNITS)
    start = _text(operand, at)
    return _of_text(lambda text: text.startswith(start))


def _suffix(operand: Any, at: Place) -> Condition:
    if isinstance(operand, dict):
        wanted = _ignoring_case(operand, at).casefold()
        return _of_text(lambda text: text.casefold().endswith(wanted), by_length=_FOLDING_UNITS)
    end = _text(operand, at)
    return _of_text(lambda text: text.endswith(end))


def _equals_ignore_case(operand: Any, at: Place) -> Condition:
    wanted = _text(operand, at).casefold()
    return _of_text(lambda text: text.casefold() == wanted, by_length=_FOLDING_UNITS)


def _of_text(fits: Callable[[str], bool], *, units: int = 1, by_length: int = 0) -> Condition:
    return Condition(lambda value, _: isinstance(value, str) and fits(value), units, by_length)


def _wildcard(operand: Any, at: Place) -> Condition:
    """Read a wildcard. `*` matches any characters. `\\*` and `\\\\` are a star and a backslash.

    The pieces between the stars are searched in order.
    """
    pieces = [""]
    characters = iter(_text(operand, at))
    previous = ""
    for character in characters:
        if character == "*":
            if previous == "*":
                raise invalid(at, "Two stars must not follow one another.")
            pieces.append("")
            previous = character
            continue
        if character == "\\":
            character = next(characters, "")  # noqa: PLW2901  # the escaped character replaces the backslash
            if character not in ("*", "\\"):
                raise invalid(at, "A backslash must be followed by a star or a backslash.")
        pieces[-1] += character
        previous = "."
    return _of_text(lambda text: _fits(text, pieces), units=len(pieces), by_length=_SEARCH_UNITS)


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


def _numeric(operand: Any, at: Place) -> Condition:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise invalid(at, 'numeric takes one or two comparisons: [">", 0, "<=", 5].')
    comparisons = []
    bounds: dict[str, float] = {}
    for sign, bound in zip(operand[::2], operand[1::2], strict=True):
        if not _is_comparison(sign) or not _is_number(bound) or not _is_finite(bound):
            raise invalid(at, "A comparison must be one of =, <, <=, >, >= and a number.")
        comparisons.append((_COMPARISONS[sign], bound))
        bounds[sign[0]] = bound
    if len(comparisons) == 2 and not (set(bounds) == {"<", ">"} and bounds[">"] < bounds["<"]):
        raise invalid(at, "Two comparisons must be a lower bound and a greater upper bound.")
    return Condition(
        lambda value, _: _is_number(value) and all(compare(value, bound) for compare, bound in comparisons),
        len(comparisons),
    )


def _cidr(operand: Any, at: Place) -> Condition:
    text = _text(operand, at)
    no_block = invalid(at, "This must be a CIDR block of IPv4 or IPv6.")
    if not _BLOCK.fullmatch(text):  # ip_network also accepts addresses and masks
        raise no_block
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise no_block from None

    def inside(text: str) -> bool:
        try:
            return len(text) <= _LONGEST_ADDRESS and ip_address(text) in network
        except ValueError:
            return False

    return _of_text(inside, units=_ADDRESS_UNITS)


def _ordinal(operand: Any, at: Place) -> Condition:
    if not (
        isinstance(operand, list) and len(operand) == 2 and _is_comparison(operand[0]) and isinstance(operand[1], str)
    ):
        raise invalid(at, 'ordinal takes a comparison (=, <, <=, >, >=) and a word: [">=", "major"].')
    compare, word = _COMPARISONS[operand[0]], operand[1]

    def compares(value: Any, order: Sequence[str]) -> bool:
        if not isinstance(value, str) or value not in order or word not in order:
            return False
        return compare(order.index(value), order.index(word))

    return Condition(compares, 2)


def _anything_but(operand: Any, at: Place) -> Condition:
    if isinstance(operand, dict):
        return _anything_but_operator(operand, at)
    if isinstance(operand, bool) or operand is None:
        raise invalid(at, f"anything-but takes text, numbers, or one of {_NAMES_IN_ANYTHING_BUT}.")
    refused = _exact(_checked_value(one, here) for one, here in _listed(operand, at))
    return Condition(lambda value, _: not refused.has(value))


def _anything_but_operator(operand: Mapping[str, Any], at: Place) -> Condition:
    if len(operand) != 1:
        raise invalid(at, "Each object must have exactly one operator.")
    ((name, operands),) = operand.items()
    if name not in _IN_ANYTHING_BUT:
        raise invalid((*at, name), f"anything-but takes {_NAMES_IN_ANYTHING_BUT}.")
    refused: list[Condition] = []
    for one, here in _listed(operands, (*at, name)):
        if one == "" and name in ("prefix", "suffix"):
            raise invalid(here, "This must not be empty, because every text begins and ends with empty text.")
        refused.append(_OPERATORS[name](one, here))
    return Condition(
        lambda value, order: not any(condition.meets(value, order) for condition in refused),
        sum(condition.units for condition in refused),
        sum(condition.units_by_length for condition in refused),
    )


def _listed(operand: Any, at: Place) -> Sequence[tuple[Any, Place]]:
    """Return the values of an array, or the single value, each with its place."""
    if not isinstance(operand, list):
        return [(operand, at)]
    if not operand:
        raise invalid(at, "An array of alternatives must not be empty.")
    if not (all(isinstance(one, str) for one in operand) or all(_is_number(one) for one in operand)):
        raise invalid(at, "This must be an array of text, or an array of numbers.")
    if len(operand) > MAX_CONDITIONS:
        raise invalid(at, f"At most {MAX_CONDITIONS} values are allowed here.")
    return [(one, (*at, str(index))) for index, one in enumerate(operand)]


def _ignoring_case(operand: Mapping[str, Any], at: Place) -> str:
    if set(operand) != {"equals-ignore-case"}:
        raise invalid(at, 'This must be text, or {"equals-ignore-case": text}.')
    return _text(operand["equals-ignore-case"], at)


def _text(operand: Any, at: Place) -> str:
    if not isinstance(operand, str):
        raise invalid(at, "This must be text.")
    return operand


def _is_comparison(sign: Any) -> bool:
    return isinstance(sign, str) and sign in _COMPARISONS


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def invalid(at: Place, detail: str) -> InvalidFilterError:
    """Create the error for this place."""
    return InvalidFilterError("".join("/" + re.sub("~", "~0", part).replace("/", "~1") for part in at), detail)


_ANYTHING = Condition(lambda _value, _order: True)
"""`{"exists": true}`."""

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}

_OPERATORS: Mapping[str, Callable[[Any, Place], Condition]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "cidr": _cidr,
    "ordinal": _ordinal,
}
_NAMES = ", ".join(_OPERATORS)
_IN_ANYTHING_BUT = ("prefix", "suffix", "equals-ignore-case", "wildcard")
_NAMES_IN_ANYTHING_BUT = ", ".join(_IN_ANYTHING_BUT)
