"""DynamoDB's expressions: conditions, key conditions, filters and updates. Each expression is parsed once."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Item = dict[str, Any]
Values = Mapping[str, Mapping[str, Any]]
Operand = Callable[[Item, Values], Any]
Condition = Callable[[Item, Values], bool]
Change = Callable[[Item, Values], Item]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),+]|-(?=\s)|[#:]?[A-Za-z_][A-Za-z0-9_]*)")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def condition(expression: str, names: Mapping[str, str] | None) -> Condition:
    """Parse a condition into a function of an item. An absent item is an empty one."""
    return _condition(expression, _frozen(names))


def update(expression: str, names: Mapping[str, str] | None) -> Change:
    """Parse an update into a function that returns the changed item."""
    return _update(expression, _frozen(names))


def names_in(expression: str, names: Mapping[str, str] | None) -> tuple[str, ...]:
    """Return the attribute names of a projection."""
    return tuple((names or {}).get(each.strip(), each.strip()) for each in expression.split(","))


def _frozen(names: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple(names.items()) if names else ()


@lru_cache(maxsize=4096)
def _condition(expression: str, names: tuple[tuple[str, str], ...]) -> Condition:
    parser = _Parser(expression, dict(names))
    parsed = parser.either()
    parser.end()
    return parsed


@lru_cache(maxsize=4096)
def _update(expression: str, names: tuple[tuple[str, str], ...]) -> Change:
    parser = _Parser(expression, dict(names))
    changes = parser.changes()
    parser.end()

    def change(item: Item, values: Values) -> Item:
        changed = dict(item)
        for each in changes:
            each(item, changed, values)
        return changed

    return change


def plain(attribute: Mapping[str, Any]) -> Any:
    """Convert a typed attribute into a value that can be compared with others of its type."""
    ((kind, value),) = attribute.items()
    if kind == "N":
        return int(value)
    return value.encode() if kind == "S" else value


def _same_type(left: Any, right: Any) -> bool:
    return left is not None and right is not None and next(iter(left)) == next(iter(right))


class _Parser:
    """A recursive descent parser of expressions."""

    def __init__(self, expression: str, names: Mapping[str, str]) -> None:
        self._tokens: list[str] = []
        at = 0
        text = expression.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise ValueError(f"not an expression: {text[at:]}")
            self._tokens.append(found[1])
            at = found.end()
        self._names = names
        self._at = 0

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise ValueError(f"not understood: {self._tokens[self._at :]}")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, word: str) -> bool:
        if self._peek().upper() != word:
            return False
        self._at += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise ValueError(f"{word} expected, not {self._peek()}")

    def either(self) -> Condition:
        parts = [self._all()]
        while self._take("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda item, values: any(each(item, values) for each in parts)

    def _all(self) -> Condition:
        parts = [self._not()]
        while self._take("AND"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else lambda item, values: all(each(item, values) for each in parts)

    def _not(self) -> Condition:
        if self._take("NOT"):
            inner = self._not()
            return lambda item, values: not inner(item, values)
        if self._take("("):
            inner = self.either()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        function = self._peek().lower()
        if function in ("attribute_exists", "attribute_not_exists"):
            self._next()
            name = self._only_name()
            if function == "attribute_exists":
                return lambda item, _: name in item
            return lambda item, _: name not in item
        if function in ("begins_with", "contains"):
            self._next()
            return self._text_function(function)
        left = self._operand()
        if self._take("BETWEEN"):
            return self._between(left)
        if self._take("IN"):
            return self._in(left)
        return self._compare(left, self._next(), self._operand())

    def _text_function(self, function: str) -> Condition:
        self._expect("(")
        left = self._operand()
        self._expect(",")
        right = self._operand()
        self._expect(")")

        def check(item: Item, values: Values) -> bool:
            a, b = left(item, values), right(item, values)
            if not _same_type(a, b):
                return False
            return plain(a).startswith(plain(b)) if function == "begins_with" else plain(b) in plain(a)

        return check

    def _between(self, left: Operand) -> Condition:
        low = self._operand()
        self._expect("AND")
        high = self._operand()

        def check(item: Item, values: Values) -> bool:
            a, b, c = left(item, values), low(item, values), high(item, values)
            if plain(b) > plain(c):
                raise InvalidValuesError
            return _same_type(a, b) and plain(b) <= plain(a) <= plain(c)

        return check

    def _in(self, left: Operand) -> Condition:
        self._expect("(")
        members = [self._operand()]
        while self._take(","):
            members.append(self._operand())
        self._expect(")")
        return lambda item, values: left(item, values) in [each(item, values) for each in members]

    @staticmethod
    def _compare(left: Operand, how: str, right: Operand) -> Condition:
        if how == "=":
            return lambda item, values: (a := left(item, values)) is not None and a == right(item, values)
        if how == "<>":
            return lambda item, values: left(item, values) != right(item, values)
        compare = _COMPARE[how]

        def check(item: Item, values: Values) -> bool:
            a, b = left(item, values), right(item, values)
            return _same_type(a, b) and compare(plain(a), plain(b))

        return check

    def _only_name(self) -> str:
        self._expect("(")
        name = self._name(self._next())
        self._expect(")")
        return name

    def _name(self, token: str) -> str:
        return self._names[token] if token.startswith("#") else token

    def _operand(self) -> Operand:
        token = self._next()
        if token.startswith(":"):
            return lambda _, values: values[token]
        if token.lower() == "if_not_exists":
            self._expect("(")
            name = self._name(self._next())
            self._expect(",")
            other = self._operand()
            self._expect(")")
            return lambda item, values: item[name] if name in item else other(item, values)
        name = self._name(token)
        return lambda item, _: item.get(name)

    def changes(self) -> list[Callable[[Item, Item, Values], None]]:
        changes: list[Callable[[Item, Item, Values], None]] = []
        while self._peek():
            section = self._next().upper()
            make = {"SET": self._set, "REMOVE": self._remove, "ADD": self._add}[section]
            changes.append(make())
            while self._take(","):
                changes.append(make())
        return changes

    def _set(self) -> Callable[[Item, Item, Values], None]:
        name = self._name(self._next())
        self._expect("=")
        value = self._operand()
        if (sign := self._peek()) in ("+", "-"):
            self._next()
            left, right = value, self._operand()

            def value(item: Item, values: Values) -> Any:
                a, b = left(item, values), right(item, values)
                if a is None:
                    raise InvalidValuesError
                return {"N": str(plain(a) + plain(b) if sign == "+" else plain(a) - plain(b))}

        def change(before: Item, after: Item, values: Values) -> None:
            made = value(before, values)
            if made is None:
                raise InvalidValuesError
            after[name] = made

        return change

    def _remove(self) -> Callable[[Item, Item, Values], None]:
        name = self._name(self._next())
        return lambda _, after, __: after.pop(name, None) and None

    def _add(self) -> Callable[[Item, Item, Values], None]:
        name, value = self._name(self._next()), self._operand()

        def change(before: Item, after: Item, values: Values) -> None:
            after[name] = {"N": str(plain(before.get(name, {"N": "0"})) + plain(value(before, values)))}

        return change


class InvalidValuesError(Exception):
    """A ValidationException: an update uses a missing attribute, or a range is empty."""
