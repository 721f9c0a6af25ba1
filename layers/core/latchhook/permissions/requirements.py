"""Required scopes of a verification: a tree of `and`, `or` and `not` over scopes.

Building the tree moves each `not` down to the scopes (De Morgan), because the whole tree becomes part of one DynamoDB
condition with a limited number of operators.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from latchhook.permissions.grants import Grants

MAX_SCOPES = 16
"""Scopes in one requirement. Each needs up to ten operators of the condition, and DynamoDB allows 300."""

MAX_DEPTH = 8
"""Nesting depth of `and`, `or` and `not`."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope that the key must hold (`held`) or must not hold."""

    name: str
    held: bool = True


@dataclass(frozen=True, slots=True)
class InAccount:
    """The account that the key must belong to (`held`) or must not belong to."""

    account_id: str
    held: bool = True


@dataclass(frozen=True, slots=True)
class Joined:
    """Requirements joined by `and` (all) or `or` (at least one)."""

    how: Literal["and", "or"]
    parts: "tuple[Requirement, ...]"


Requirement = Scope | InAccount | Joined

NOTHING: Requirement = Joined("and", ())
"""The empty requirement. Every key satisfies it."""


NEVER: Requirement = Joined("or", ())
"""The requirement that no key satisfies."""


def all_of(scopes: Iterable[str]) -> Requirement:
    """The requirement of all these scopes."""
    return Joined("and", tuple(Scope(name) for name in scopes))


def opposite(requirement: Requirement) -> Requirement:
    """The negation of `requirement`."""
    match requirement:
        case Scope(name, held):
            return Scope(name, not held)
        case InAccount(account_id, held):
            return InAccount(account_id, not held)
        case Joined(how, parts):
            return Joined("or" if how == "and" else "and", tuple(opposite(part) for part in parts))


def holds(requirement: Requirement, grants: Grants, *, account_id: str = "") -> bool:
    """Return whether a key with these grants, in this account, satisfies the requirement."""
    match requirement:
        case Scope(name, held):
            return grants.may(name) is held
        case InAccount(wanted, held):
            return (account_id == wanted) is held
        case Joined(how, parts):
            return (all if how == "and" else any)(holds(part, grants, account_id=account_id) for part in parts)


def under(grants: Grants, requirement: Requirement) -> Requirement:
    """The requirement that remains for a key's own scopes, if a profile grants and denies `grants`.

    `holds(under(grants, requirement), own)` is `holds(requirement, union of own and grants)`.
    """
    match requirement:
        case InAccount():
            return requirement
        case Joined(how, parts):
            return Joined(how, tuple(under(grants, part) for part in parts))
        case Scope(name, held):
            if grants.may(name):
                return NOTHING if held else NEVER
            is_open = Grants.of([name], grants.denied).may(name)
            return requirement if is_open else (NEVER if held else NOTHING)


def within(limit: Grants, requirement: Requirement) -> Requirement:
    """The requirement that remains for a key whose rights cannot exceed `limit`.

    `holds(within(limit, requirement), grants)` is `holds(requirement, grants.within(limit))`.
    """
    match requirement:
        case InAccount():
            return requirement
        case Joined(how, parts):
            return Joined(how, tuple(within(limit, part) for part in parts))
        case Scope(name, held):
            return requirement if limit.may(name) else (NEVER if held else NOTHING)


def names(requirement: Requirement) -> Iterator[str]:
    """The scopes of the requirement, with repetitions."""
    match requirement:
        case Scope(name):
            yield name
        case InAccount():
            return
        case Joined(_, parts):
            for part in parts:
                yield from names(part)
