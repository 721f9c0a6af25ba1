"""Scopes: what they look like, which there are, and when one covers another."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

OPERATOR_SCOPES = frozenset({"api-keys:verify", "events:write", "event-types:write"})
"""Rights that reach across accounts: only the operator's service token and the operator account's keys hold them."""

CUSTOMER_SCOPES = frozenset(
    {"api-keys:read", "api-keys:write", "audit-events:read", "event-types:read", "webhooks:read", "webhooks:write"}
)
"""Latchhook's own scopes that an account's admins hold and may give to keys."""

EVERYTHING = "*"
"""The wildcard that covers every scope but the operator's."""

MAX_SCOPES_PER_KEY = 50

_SCOPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(?::[a-z0-9][a-z0-9_-]{0,63}){1,3}")
_WILDCARD = re.compile(r"\*|[a-z0-9][a-z0-9_-]{0,63}(?::[a-z0-9][a-z0-9_-]{0,63}){0,2}:\*")


def is_scope(text: str) -> bool:
    """Whether `text` is `resource:action` in lower case, as document 001 writes scopes."""
    return _SCOPE.fullmatch(text) is not None


def is_wildcard(text: str) -> bool:
    """Whether `text` is `*`, or a `resource:*` at any of its levels."""
    return _WILDCARD.fullmatch(text) is not None


def matching(scope: str) -> tuple[str, ...]:
    """Every scope and wildcard that `scope`, itself a scope or a wildcard, falls under: `*`, `orders:*`, itself."""
    parts = scope.split(":")
    wildcards = [":".join([*parts[:depth], "*"]) for depth in range(len(parts) - 1, 0, -1)]
    return tuple(dict.fromkeys([scope, *wildcards, EVERYTHING]))


def alternatives(required: str) -> tuple[str, ...]:
    """What grants `required`: itself or a wildcard. An operator's scope is granted by name only."""
    return (required,) if required in OPERATOR_SCOPES else matching(required)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The scopes of a deployment: the operator's, from the parameter `Scopes`, and Latchhook's own."""

    for_customers: frozenset[str]
    everything: frozenset[str]

    @classmethod
    def of(cls, configured: Iterable[str]) -> "Catalogue":
        """The catalogue for the parameter's value."""
        for_customers = (frozenset(configured) | CUSTOMER_SCOPES) - OPERATOR_SCOPES
        return cls(for_customers, for_customers | OPERATOR_SCOPES)

    def knows(self, scope: str) -> bool:
        """Whether there is such a scope, or, for a wildcard, one that it covers."""
        return scope in self.everything or any(scope in matching(known) for known in self.for_customers)

    def covered_by(self, wildcard: str) -> tuple[str, ...]:
        """The scopes that a wildcard stands for in this deployment, in order."""
        return tuple(sorted(known for known in self.for_customers if wildcard in matching(known)))
