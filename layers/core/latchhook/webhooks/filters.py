"""Which events of a name a webhook gets: EventBridge's pattern syntax on the body, and an order over declared words.

Source: Amazon EventBridge user guide, "Creating Amazon EventBridge event patterns" and "Comparison operators for use in
event patterns"; for arrays the README of aws/event-ruler, with which EventBridge matches. An object names fields, all
of which must match; an array holds alternatives, one of which must. A field whose value is an array matches if one of
its elements does, in arrays within arrays too; of an array of objects, one must match as a whole. A field that is
missing, or holds an object, `[]` or nothing but objects, matches nothing but `{"exists": false}`.

Beyond EventBridge: `{"ordinal": [">=", "major"]}` compares words by the order that the event's type declares for that
field. Unlike in EventBridge, numbers are equal by value (`300`, `300.0` and `3.0e2` are one number) and have no bounds;
`$or` is never a field's name; a dot in a field's name is part of the name.

A filter is read once into small objects; matching looks at each of them and at each value under the fields they name
at most once, so its time grows with the product of the two, whatever is in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from latchhook.webhooks.filter_operators import (
    MAX_CONDITIONS,
    Condition,
    InvalidFilterError,
    anything,
    condition,
    invalid,
)

MAX_BYTES = 4 * 1024
"""Of a filter as compact JSON."""
MAX_DEPTH = 10
"""Objects within objects, `$or` not counted."""

Orders = Mapping[str, Sequence[str]]
"""Words from the least to the greatest, by the dotted path of the field in the body: `entity.severity`."""


@dataclass(frozen=True, slots=True)
class _Field:
    """What the leaf at one path must be: one of `conditions`."""

    name: str
    conditions: tuple[Condition, ...]
    may_be_missing: bool
    path: str

    def matches(self, holder: Mapping[str, Any], orders: Orders) -> bool:
        leaves = [one for one in _values(holder, self.name) if not isinstance(one, dict)]
        if not leaves:
            return self.may_be_missing
        order = orders.get(self.path, ())
        return any(meets(one, order) for one in leaves for meets in self.conditions)

    @property
    def asks_for_absence(self) -> bool:
        """Whether it is `{"exists": false}` and nothing else."""
        return self.may_be_missing and not self.conditions


@dataclass(frozen=True, slots=True)
class _Nested:
    """What the object at one path must be; of an array of objects one must be it as a whole.

    Where nothing but absence is asked for, none of them may have the field.
    """

    name: str
    inner: "_Object"

    def matches(self, holder: Mapping[str, Any], orders: Orders) -> bool:
        objects = [one for one in _values(holder, self.name) if isinstance(one, dict)]
        enough = all if self.asks_for_absence else any
        return enough(self.inner.matches(one, orders) for one in objects or [{}])

    @property
    def asks_for_absence(self) -> bool:
        """Whether all that stands in it does."""
        return self.inner.asks_for_absence


@dataclass(frozen=True, slots=True)
class _Either:
    """`$or`: one of these objects."""

    parts: "tuple[_Object, ...]"
    asks_for_absence: ClassVar[bool] = False

    def matches(self, holder: Mapping[str, Any], orders: Orders) -> bool:
        return any(part.matches(holder, orders) for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Object:
    """All of these."""

    parts: tuple[_Field | _Nested | _Either, ...]
    asks_for_absence: bool

    def matches(self, holder: Mapping[str, Any], orders: Orders) -> bool:
        return all(part.matches(holder, orders) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that has been read."""

    root: _Object
    uses_ordinal: bool
    """Whether what it says depends on the orders of the event's type."""

    def matches(self, body: Mapping[str, Any], orders: Orders) -> bool:
        """Whether an event's body is wanted."""
        return self.root.matches(body, orders)


def read_filter(document: Any, *, size: int) -> Filter:
    """Reads a filter of `size` bytes as compact JSON; raises `InvalidFilterError`."""
    if size > MAX_BYTES:
        raise InvalidFilterError("", f"A filter is at most {MAX_BYTES} bytes as compact JSON.")
    reader = _Reader()
    root = reader.object(document, (), ())
    return Filter(root, reader.uses_ordinal)


def _values(holder: Mapping[str, Any], name: str) -> list[Any]:
    """The value of a field, or, of an array and arrays within it, all that stands there; nothing if it is missing."""
    if name not in holder:
        return []
    found: list[Any] = []
    waiting: list[Any] = [holder[name]]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        else:
            found.append(one)
    return found


class _Reader:
    """Reads a filter from the top down, counting its conditions."""

    def __init__(self) -> None:
        self.uses_ordinal = False
        self._conditions = 0

    def object(self, document: Any, at: tuple[str, ...], path: tuple[str, ...]) -> _Object:
        """An object: `at` is where it stands in the filter, `path` what it is about in the body."""
        if not isinstance(document, dict) or not document:
            raise invalid(at, "This must be an object with at least one field.")
        if len(path) >= MAX_DEPTH:
            raise invalid(at, f"Fields may stand within each other {MAX_DEPTH} deep.")
        parts: list[_Field | _Nested | _Either] = []
        for name, inner in document.items():
            here = (*at, name)
            if name == "$or":
                parts.append(self._either(inner, here, path))
            elif isinstance(inner, list):
                parts.append(self._field(name, inner, here, path))
            elif not isinstance(inner, dict):
                raise invalid(here, "This must be an array of alternatives, or an object of fields.")
            else:
                parts.append(_Nested(name, self.object(inner, here, (*path, name))))
        return _Object(tuple(parts), all(part.asks_for_absence for part in parts))

    def _either(self, document: Any, at: tuple[str, ...], path: tuple[str, ...]) -> _Either:
        if not isinstance(document, list) or len(document) < 2:
            raise invalid(at, "$or takes an array of at least two objects.")
        self._count(len(document), at)
        return _Either(tuple(self.object(part, (*at, str(index)), path) for index, part in enumerate(document)))

    def _field(self, name: str, document: list[Any], at: tuple[str, ...], path: tuple[str, ...]) -> _Field:
        if not document:
            raise invalid(at, "An array of alternatives must not be empty.")
        self._count(len(document), at)
        conditions: list[Condition] = []
        may_be_missing = False
        for index, one in enumerate(document):
            here = (*at, str(index))
            if isinstance(one, dict) and "exists" in one:
                if len(one) != 1 or not isinstance(one["exists"], bool):
                    raise invalid(here, "exists is true or false, and stands alone.")
                may_be_missing = may_be_missing or not one["exists"]
                if one["exists"]:
                    conditions.append(anything)
            else:
                self.uses_ordinal = self.uses_ordinal or (isinstance(one, dict) and "ordinal" in one)
                conditions.append(condition(one, here))
        return _Field(name, tuple(conditions), may_be_missing, ".".join((*path, name)))

    def _count(self, conditions: int, at: tuple[str, ...]) -> None:
        self._conditions += conditions
        if self._conditions > MAX_CONDITIONS:
            raise invalid(at, f"A filter has at most {MAX_CONDITIONS} alternatives.")
