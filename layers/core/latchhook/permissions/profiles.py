"""Permission profiles: rules that extend and limit the rights of a key's own scopes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from latchhook.identity.caller import Caller
from latchhook.permissions.errors import (
    ActionsBeyondCallerError,
    DenialBeyondCallerError,
    Position,
    UnknownActionsError,
)
from latchhook.permissions.grants import Grants
from latchhook.permissions.scopes import OPERATOR_SCOPES, Catalogue, matching

Effect = Literal["allow", "deny"]

MAX_RULES = 20
MAX_ACTIONS = 50
"""Actions in all rules of one profile. Each verification of a key with the profile reads all of them."""

MAX_PROFILES_PER_ACCOUNT = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """Allows or denies actions. An action is a scope or a wildcard."""

    effect: Effect
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile of an account."""

    id: UUID
    account_id: str
    name: str
    description: str | None
    rules: tuple[Rule, ...]
    key_count: int
    """Number of keys that use the profile."""
    created_at: datetime
    updated_at: datetime
    version: int = 0
    """Number of changes of name, description and rules. Assigning the profile to a key or member does not change it."""
    member_count: int = 0
    """Number of members that have the profile."""

    def grants_for(self, scopes: Iterable[str]) -> Grants:
        """The rights of a key with these scopes and this profile. Deny wins in any order of the rules."""
        return Grants(frozenset(scopes).union(_actions(self.rules, "allow")), frozenset(_actions(self.rules, "deny")))


def check_rules(new: Sequence[Rule], *, old: Sequence[Rule] = (), caller: Caller, catalogue: Catalogue) -> None:
    """Check that the caller may replace the rules `old` with `new`. No key may gain a right that the caller lacks.

    Only the operator may allow or deny an operator scope, because no other caller could undo it. Raises
    `UnknownActionsError` for new actions outside the catalogue, then `ActionsBeyondCallerError` and
    `DenialBeyondCallerError`.
    """
    kept = {action for rule in old for action in rule.actions}
    unknown = catalogue.unknown(action for _, _, action in _placed(new) if action not in kept)
    if unknown:
        raise UnknownActionsError(tuple(at for at, _, action in _placed(new) if action in unknown))
    beyond = tuple(
        at
        for at, effect, action in _placed(new)
        if (effect == "allow" or action in OPERATOR_SCOPES) and not caller.may(action)
    )
    if beyond:
        raise ActionsBeyondCallerError(beyond)
    denied = set(_actions(new, "deny"))
    dropped = (action for action in _actions(old, "deny") if denied.isdisjoint(matching(action)))
    if not all(_may_undo(caller, action) for action in dropped):
        raise DenialBeyondCallerError


def _may_undo(caller: Caller, denied: str) -> bool:
    """Return whether the caller has every scope that a denial covers. Only the operator's keys have operator scopes."""
    has_operators_keys = caller.is_operator and not caller.is_acting
    covered = [scope for scope in OPERATOR_SCOPES if denied in matching(scope)] if has_operators_keys else []
    return all(caller.may(action) for action in (denied, *covered))


def _actions(rules: Iterable[Rule], effect: Effect) -> Iterator[str]:
    return (action for rule in rules if rule.effect == effect for action in rule.actions)


def _placed(rules: Iterable[Rule]) -> Iterator[tuple[Position, Effect, str]]:
    for rule_at, rule in enumerate(rules):
        for action_at, action in enumerate(rule.actions):
            yield (rule_at, action_at), rule.effect, action
