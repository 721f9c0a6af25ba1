"""The operators of filters: what one alternative in a filter asks of one value.

Source: Amazon EventBridge user guide, "Comparison operators for use in event patterns". Text is compared by characters;
where case is ignored, by Unicode's case folding.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

MAX_CONDITIONS = 100
"""Alternatives of all fields and of each `$or` together."""

Place = tuple[str, ...]
"""Where something stands in a filter: the names and indexes on the way to it."""

Condition = Callable[[Any, Sequence[str]], bool]
"""Whether a value, no object and no array, meets it; the second is its field's declared order, for `ordinal`."""

_BLOCK = re.compile("[0-9A-Fa-f.:]+/[0-9]{1,3}")
_LONGEST_ADDRESS = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")


class InvalidFilterError(ValueError):
    """It is no filter; `pointer` is the place in it, the text is for whoever wrote it."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail


def condition(document: Any, at: Place) -> Condition:
    """Reads an alternative other than `exists`; raises `InvalidFilterError`."""
    if not isinstance(document, dict):
        return _exactly(document, at)
    if len(document) != 1:
        raise invalid(at, "One operator stands in each object.")
    ((name, operand),) = document.items()
    if name == "anything-but":
        return _anything_but(operand, (*at, name))
    operator = _OPERATORS.get(name)
    if operator is None:
        raise invalid((*at, name), f"There is no such operator; there are exists, anything-but, {_NAMES}.")
    return operator(operand, (*at, name))


def anything(_value: Any, _order: Sequence[str]) -> bool:
    """What `{"exists": true}` asks for."""
    return True


def _exactly(wanted: Any, at: Place) -> Condition:
    if wanted is None or isinstance(wanted, bool):
        return lambda value, _: value is wanted
    if isinstance(wanted, str):
        return lambda value, _: isinstance(value, str) and value == wanted
    if isinstance(wanted, int | float) and _is_finite(wanted):
        return lambda value, _: _is_number(value) and value == wanted
    raise invalid(at, "An alternative is text, a number, true, false, null or an object with one operator.")


def _prefix(operand: Any, at: Place) -> Condition:
    if isinstance(operand, dict):
        wanted = _ignoring_case(operand, at).casefold()
        return lambda value, _: isinstance(value, str) and value.casefold().startswith(wanted)
    text = _text(operand, at)
    return lambda value, _: isinstance(value, str) and value.startswith(text)


def _suffix(operand: Any, at: Place) -> Condition:
    if isinstance(operand, dict):
        wanted = _ignoring_case(operand, at).casefold()
        return lambda value, _: isinstance(value, str) and value.casefold().endswith(wanted)
    text = _text(operand, at)
    return lambda value, _: isinstance(value, str) and value.endswith(text)


def _equals_ignore_case(operand: Any, at: Place) -> Condition:
    text = _text(operand, at).casefold()
    return lambda value, _: isinstance(value, str) and value.casefold() == text


def _wildcard(operand: Any, at: Place) -> Condition:
    """`*` is any characters; `\\*` and `\\\\` are a star and a backslash. Pieces are looked for one after the other."""
    pieces = [""]
    characters = iter(_text(operand, at))
    previous = ""
    for character in characters:
        if character == "*":
            if previous == "*":
                raise invalid(at, "Two stars may not stand side by side.")
            pieces.append("")
            previous = character
            continue
        if character == "\\":
            character = next(characters, "")  # noqa: PLW2901  # what is escaped takes its place
            if character not in ("*", "\\"):
                raise invalid(at, "A backslash stands before a star or a backslash.")
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


def _numeric(operand: Any, at: Place) -> Condition:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise invalid(at, 'numeric takes one or two comparisons: [">", 0, "<=", 5].')
    comparisons = []
    bounds: dict[str, float] = {}
    for sign, bound in zip(operand[::2], operand[1::2], strict=True):
        if not _is_comparison(sign) or not _is_number(bound) or not _is_finite(bound):
            raise invalid(at, "A comparison is one of =, <, <=, >, >= and a number.")
        comparisons.append((_COMPARISONS[sign], bound))
        bounds[sign[0]] = bound
    if len(comparisons) == 2 and not (set(bounds) == {"<", ">"} and bounds[">"] < bounds["<"]):
        raise invalid(at, "Two comparisons are a lower bound and an upper one above it.")
    return lambda value, _: _is_number(value) and all(compare(value, bound) for compare, bound in comparisons)


def _cidr(operand: Any, at: Place) -> Condition:
    text = _text(operand, at)
    no_block = invalid(at, "This must be a CIDR block of IPv4 or IPv6.")
    if not _BLOCK.fullmatch(text):  # ip_network also takes addresses and masks
        raise no_block
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise no_block from None

    def inside(value: Any, _: Sequence[str]) -> bool:
        try:
            return isinstance(value, str) and len(value) <= _LONGEST_ADDRESS and ip_address(value) in network
        except ValueError:
            return False

    return inside


def _ordinal(operand: Any, at: Place) -> Condition:
    if not (
        isinstance(operand, list) and len(operand) == 2 and _is_comparison(operand[0]) and isinstance(operand[1], str)
    ):
        raise invalid(at, 'ordinal takes a comparison (=, <, <=, >, >=) and a word: [">=", "major"].')
    compare, word = _COMPARISONS[operand[0]], operand[1]

    def stands(value: Any, order: Sequence[str]) -> bool:
        if not isinstance(value, str) or value not in order or word not in order:
            return False
        return compare(order.index(value), order.index(word))

    return stands


def _anything_but(operand: Any, at: Place) -> Condition:
    if isinstance(operand, dict):
        refused = _anything_but_operator(operand, at)
    else:
        if isinstance(operand, bool) or operand is None:
            raise invalid(at, f"anything-but takes text, numbers, or one of {_NAMES_IN_ANYTHING_BUT}.")
        refused = [_exactly(one, here) for one, here in _listed(operand, at)]
    return lambda value, order: not any(meets(value, order) for meets in refused)


def _anything_but_operator(operand: Mapping[str, Any], at: Place) -> Sequence[Condition]:
    if len(operand) != 1:
        raise invalid(at, "One operator stands in each object.")
    ((name, operands),) = operand.items()
    if name not in _IN_ANYTHING_BUT:
        raise invalid((*at, name), f"anything-but knows {_NAMES_IN_ANYTHING_BUT}.")
    refused = []
    for one, here in _listed(operands, (*at, name)):
        if one == "" and name in ("prefix", "suffix"):
            raise invalid(here, "All text begins and ends with nothing: no text would be left.")
        refused.append(_OPERATORS[name](one, here))
    return refused


def _listed(operand: Any, at: Place) -> Sequence[tuple[Any, Place]]:
    """The values of an array, or the one value, each with where it stands."""
    if not isinstance(operand, list):
        return [(operand, at)]
    if not operand:
        raise invalid(at, "An array of alternatives must not be empty.")
    if not (all(isinstance(one, str) for one in operand) or all(_is_number(one) for one in operand)):
        raise invalid(at, "This must be an array of text, or an array of numbers.")
    if len(operand) > MAX_CONDITIONS:
        raise invalid(at, f"At most {MAX_CONDITIONS} values may stand here.")
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
    """The error about what stands there."""
    return InvalidFilterError("".join("/" + re.sub("~", "~0", part).replace("/", "~1") for part in at), detail)


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
