"""Parses and matches webhook filters: EventBridge's pattern syntax for the event body, and the operator `ordinal`.

Source: Amazon EventBridge user guide, "Creating Amazon EventBridge event patterns" and "Comparison operators for use in
event patterns". For arrays: the README and the source of aws/event-ruler, EventBridge's matcher.

- An object names fields, all of which must match. An array lists alternatives, one of which must match.
- A field whose value is an array matches if one element matches, also in arrays within arrays. Two fields never match
  in different elements of the same array.
- `$or` is resolved first: a filter is a list of combinations, one of which must match.
- Fields are compared in the order of their paths. The first field that is present in an array of objects picks the
  element, and the fields after it are compared in that element. A field that comes before is missing only if no element
  has it. This is event-ruler's order; it decides how `{"exists": false}` works in arrays.
- A missing field matches only `{"exists": false}`. `[]`, an object and an array of objects count as missing.

`{"ordinal": [">=", "major"]}` is Latchhook's own operator. It compares words by the order that the event type declares
for the field. docs/integrate/event-types-and-filters.md lists the other differences.

Matching counts comparisons and stops at `MAX_WORK`, which limits its time for every filter and event (decision 0017).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from latchhook.webhooks.filter_operators import (
    MAX_CONDITIONS,
    Alternatives,
    Place,
    Work,
    invalid,
    read_alternatives,
)

MAX_BYTES = 4 * 1024
"""Limit for a filter as compact JSON."""
MAX_DEPTH = 10
"""Limit for nested objects. `$or` does not count."""
MAX_COMBINATIONS = 1000
"""Limit for all `$or` together, as in EventBridge. Two `$or` of three objects are nine combinations."""
MAX_WORK = 100_000
"""Limit for the comparisons of one event with one filter: values times alternatives. Long text counts several times."""

Orders = Mapping[str, Sequence[str]]
"""Lists of words, from the least to the greatest, by the dotted path of their field: `entity.severity`."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A field with alternatives."""

    name: str
    alternatives: Alternatives
    path: str


@dataclass(frozen=True, slots=True)
class _Nested:
    """A field whose value is an object, or an array of objects, with further fields."""

    name: str
    parts: "tuple[_Leaf | _Nested, ...]"


_Part = _Leaf | _Nested


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter."""

    combinations: Sequence[tuple[_Part, ...]]
    uses_ordinal: bool
    """Whether the filter needs the orders of the event's type."""

    def matches(self, body: Mapping[str, Any], orders: Orders, work: Work | None = None) -> bool:
        """Return whether the filter matches an event's body. Raises `FilterTooExpensiveError` if `work` is used up."""
        matching = _Matching(orders, work or Work(MAX_WORK))
        return any(matching.all_match(parts, body) for parts in self.combinations)


class _Matching:
    """Matches combinations against one body."""

    def __init__(self, orders: Orders, work: Work) -> None:
        self._orders = orders
        self._work = work

    def all_match(self, parts: Sequence[_Part], holder: Mapping[str, Any]) -> bool:
        """Return whether an object matches all parts, which are independent: their values are in different arrays."""
        return all(self._matches(part, holder) for part in parts)

    def _matches(self, part: _Part, holder: Mapping[str, Any]) -> bool:
        if isinstance(part, _Nested):
            picked = self._pick(part.parts, self._objects(holder, part.name))
            return picked is None or bool(picked)
        leaves = self._leaves(holder, part.name)
        return self._meets(part, leaves) if leaves else part.alternatives.may_be_missing

    def _pick(self, parts: Sequence[_Part], holders: Sequence[Mapping[str, Any]]) -> set[int] | None:
        """Return the indexes of an array's objects that match all parts.

        The first field that an object has selects the objects that are compared further. Return None if no object has
        any of the fields and all of them may be missing.
        """
        for at, part in enumerate(parts):
            picked = self._picked_by(part, holders)
            if picked is not None:
                return {index for index in picked if self.all_match(parts[at + 1 :], holders[index])}
        return None

    def _picked_by(self, part: _Part, holders: Sequence[Mapping[str, Any]]) -> set[int] | None:
        """Return the indexes of the objects that match a part. None if no object has the field and none needs it."""
        if isinstance(part, _Nested):
            inner = [(index, one) for index, holder in enumerate(holders) for one in self._objects(holder, part.name)]
            picked = self._pick(part.parts, [one for _, one in inner])
            return None if picked is None else {inner[at][0] for at in picked}
        leaves = {index: found for index, holder in enumerate(holders) if (found := self._leaves(holder, part.name))}
        if not leaves:
            return None if part.alternatives.may_be_missing else set()
        return {index for index, found in leaves.items() if self._meets(part, found)}

    def _meets(self, leaf: _Leaf, values: Sequence[Any]) -> bool:
        order = self._orders.get(leaf.path, ())
        return any(leaf.alternatives.meets(value, order, self._work) for value in values)

    def _leaves(self, holder: Mapping[str, Any], name: str) -> list[Any]:
        return [value for value in self._values(holder, name) if not isinstance(value, dict)]

    def _objects(self, holder: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        return [value for value in self._values(holder, name) if isinstance(value, dict)]

    def _values(self, holder: Mapping[str, Any], name: str) -> list[Any]:
        """Return a field's value as a list, an array's elements with those of inner arrays, or an empty list."""
        self._work.charge(1)
        if name not in holder:
            return []
        value = holder[name]
        if not isinstance(value, list):
            return [value]
        found: list[Any] = []
        waiting = [value]
        while waiting:
            elements = waiting.pop()
            self._work.charge(len(elements))
            for element in elements:
                (waiting if isinstance(element, list) else found).append(element)
        return found


def read_filter(document: Any, *, size: int) -> Filter:
    """Parse a filter of `size` bytes as compact JSON. Raises `InvalidFilterError`."""
    if size > MAX_BYTES:
        raise invalid((), f"A filter must have at most {MAX_BYTES} bytes as compact JSON.")
    reader = _Reader()
    root = reader.object(document, (), ())
    return Filter([_tree(leaves) for leaves in _combinations(root)], reader.uses_ordinal)


@dataclass(frozen=True, slots=True)
class _Either:
    """A `$or`: one of these objects must match."""

    objects: "tuple[_Object, ...]"


_Path = tuple[str, ...]
_Located = tuple[_Path, _Leaf]


@dataclass(frozen=True, slots=True)
class _Object:
    """An object of a filter: all fields in it by path, including those of inner objects, and each `$or` in it."""

    leaves: tuple[_Located, ...]
    eithers: tuple[_Either, ...]

    @property
    def count(self) -> int:
        """The number of combinations of its `$or`."""
        return prod(sum(each.count for each in either.objects) for either in self.eithers)


def _combinations(root: _Object) -> Iterator[tuple[_Located, ...]]:
    """Yield the fields of each combination, with one object of each `$or`."""
    pending = [(root.leaves, root.eithers)]
    while pending:
        leaves, eithers = pending.pop()
        if not eithers:
            yield leaves
            continue
        first, *others = eithers
        pending += [(leaves + each.leaves, (*each.eithers, *others)) for each in reversed(first.objects)]


def _tree(leaves: Sequence[_Located]) -> tuple[_Part, ...]:
    """Return one combination's fields as a tree in event-ruler's order: by dotted path in UTF-16, as Java sorts."""
    parts: list[_Part] = [leaf for path, leaf in leaves if len(path) == 1]
    inner: dict[str, list[_Located]] = {}
    for path, leaf in leaves:
        if len(path) > 1:
            inner.setdefault(path[0], []).append((path[1:], leaf))
    parts += [_Nested(name, _tree(some)) for name, some in inner.items()]
    return tuple(sorted(parts, key=_place))


def _place(part: _Part) -> bytes:
    name = f"{part.name}." if isinstance(part, _Nested) else part.name
    return name.encode("utf-16-be", "surrogatepass")


class _Reader:
    """Parses a filter recursively and counts its alternatives."""

    def __init__(self) -> None:
        self.uses_ordinal = False
        self._conditions = 0

    def object(self, document: Any, at: Place, path: _Path) -> _Object:
        """Parse an object. `at` is its place in the filter, and `path` is the path of its value in the body."""
        if not isinstance(document, dict) or not document:
            raise invalid(at, "This must be an object with at least one field.")
        if len(path) >= MAX_DEPTH:
            raise invalid(at, f"Fields must be nested at most {MAX_DEPTH} levels deep.")
        leaves: list[_Located] = []
        eithers: list[_Either] = []
        for name, inner in document.items():
            here = (*at, name)
            if name == "$or":
                eithers.append(self._either(inner, here, path))
            elif isinstance(inner, list):
                leaves.append(((*path, name), self._leaf(name, inner, here, path)))
            elif not isinstance(inner, dict):
                raise invalid(here, "This must be an array of alternatives, or an object of fields.")
            else:
                nested = self.object(inner, here, (*path, name))
                leaves += nested.leaves
                eithers += nested.eithers
        found = _Object(tuple(leaves), tuple(eithers))
        if found.count > MAX_COMBINATIONS:
            raise invalid(at, f"The $or must have at most {MAX_COMBINATIONS} combinations, the product of their sizes.")
        return found

    def _either(self, document: Any, at: Place, path: _Path) -> _Either:
        if not isinstance(document, list) or len(document) < 2:
            raise invalid(at, "$or must be an array of at least two objects.")
        self._count(len(document), at)
        return _Either(tuple(self.object(part, (*at, str(index)), path) for index, part in enumerate(document)))

    def _leaf(self, name: str, document: list[Any], at: Place, path: _Path) -> _Leaf:
        if not document:
            raise invalid(at, "An array of alternatives must not be empty.")
        self._count(len(document), at)
        alternatives = read_alternatives(document, at)
        self.uses_ordinal = self.uses_ordinal or alternatives.uses_ordinal
        return _Leaf(name, alternatives, ".".join((*path, name)))

    def _count(self, conditions: int, at: Place) -> None:
        self._conditions += conditions
        if self._conditions > MAX_CONDITIONS:
            raise invalid(at, f"A filter must have at most {MAX_CONDITIONS} alternatives.")
