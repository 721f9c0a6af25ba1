"""Permission profiles: rules that widen and narrow what a key's own scopes grant (contracts.md, "profiles")."""

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
"""Actions in all rules of a profile together: a profile is read at each verification of a key that has it."""

MAX_PROFILES_PER_ACCOUNT = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """Actions, which are scopes or wildcards, that are allowed or denied."""

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
    """How many keys have it."""
    created_at: datetime
    updated_at: datetime
    version: int = 0
    """Counts the changes of name, description and rules; a key that gets or loses the profile does not change it."""

    def grants_for(self, scopes: Iterable[str]) -> Grants:
        """What a key with these scopes of its own may do under the profile. Deny wins, whatever the rules' order."""
        return Grants(frozenset(scopes).union(_actions(self.rules, "allow")), frozenset(_actions(self.rules, "deny")))


def check_rules(new: Sequence[Rule], *, old: Sequence[Rule] = (), caller: Caller, catalogue: Catalogue) -> None:
    """Whether the caller may make a profile's rules `new` where they are `old`: no key gets more than the caller holds.

    An operator's scope stands in a profile by the operator's hand only, denied too: nobody else could undo that. Raises
    `UnknownActionsError` for new actions that are not in the catalogue, then `ActionsBeyondCallerError` and
    `DenialBeyondCallerError`.
    """
    kept = {action for rule in old for action in rule.actions}
    unknown = tuple(at for at, _, action in _placed(new) if action not in kept and not catalogue.knows(action))
    if unknown:
        raise UnknownActionsError(unknown)
    beyond = tuple(
        at
        for at, effect, action in _placed(new)
        if (effect == "allow" or action in OPERATOR_SCOPES) and not caller.may(action)
    )
    if beyond:
        raise ActionsBeyondCallerError(beyond)
    denied = set(_actions(new, "deny"))
    dropped = (action for action in _actions(old, "deny") if denied.isdisjoint(matching(action)))
    if not all(caller.may(action) for action in dropped):
        raise DenialBeyondCallerError


def _actions(rules: Iterable[Rule], effect: Effect) -> Iterator[str]:
    return (action for rule in rules if rule.effect == effect for action in rule.actions)


def _placed(rules: Iterable[Rule]) -> Iterator[tuple[Position, Effect, str]]:
    for rule_at, rule in enumerate(rules):
        for action_at, action in enumerate(rule.actions):
            yield (rule_at, action_at), rule.effect, action
