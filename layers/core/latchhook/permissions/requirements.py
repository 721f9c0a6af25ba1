"""What a verification requires of a key: scopes joined by `and`, `or` and `not` (contracts.md, `requiredScopes`).

A `not` is pushed down to the scopes when the tree is made (De Morgan), so that it costs one operator at most for each:
the whole tree becomes part of one DynamoDB condition.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from latchhook.permissions.grants import Grants

MAX_SCOPES = 16
"""Scopes in one requirement. Each is up to ten operators of the condition, and DynamoDB allows 300."""

MAX_DEPTH = 8
"""`and`, `or` and `not` within each other."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope that must be held, or must not."""

    name: str
    held: bool = True


@dataclass(frozen=True, slots=True)
class Joined:
    """Requirements of which all must hold, or at least one."""

    how: Literal["and", "or"]
    parts: "tuple[Requirement, ...]"


Requirement = Scope | Joined

NOTHING: Requirement = Joined("and", ())
"""What every key holds."""


def all_of(scopes: Iterable[str]) -> Requirement:
    """Every one of these scopes."""
    return Joined("and", tuple(Scope(name) for name in scopes))


def opposite(requirement: Requirement) -> Requirement:
    """What holds exactly when `requirement` does not."""
    match requirement:
        case Scope(name, held):
            return Scope(name, not held)
        case Joined(how, parts):
            return Joined("or" if how == "and" else "and", tuple(opposite(part) for part in parts))


def holds(requirement: Requirement, grants: Grants) -> bool:
    """Whether what is granted meets the requirement."""
    match requirement:
        case Scope(name, held):
            return grants.may(name) is held
        case Joined(how, parts):
            return (all if how == "and" else any)(holds(part, grants) for part in parts)


def names(requirement: Requirement) -> Iterator[str]:
    """The scopes in it, as often as they stand there."""
    match requirement:
        case Scope(name):
            yield name
        case Joined(_, parts):
            for part in parts:
                yield from names(part)
