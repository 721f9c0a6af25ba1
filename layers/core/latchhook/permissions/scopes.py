"""Scopes: their syntax, the catalogue of a deployment, and wildcards."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MANAGE_ACCOUNTS = "accounts:manage"
"""The operator scope to act for any account, with the rights of an admin there."""

OPERATOR_SCOPES = frozenset({MANAGE_ACCOUNTS, "api-keys:verify", "events:write", "event-types:write"})
"""Rights across accounts. Only the operator's service token and the operator account's keys have them."""

CUSTOMER_SCOPES = frozenset(
    {"api-keys:read", "api-keys:write", "audit-events:read", "event-types:read", "webhooks:read", "webhooks:write"}
)
"""Latchhook's own scopes. An account's admins have them and may grant them to keys."""

EVERYTHING = "*"
"""The wildcard for every scope except operator scopes."""

MAX_SCOPES_PER_KEY = 50

_SCOPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(?::[a-z0-9][a-z0-9_-]{0,63}){1,3}")
_WILDCARD = re.compile(r"\*|[a-z0-9][a-z0-9_-]{0,63}(?::[a-z0-9][a-z0-9_-]{0,63}){0,2}:\*")

SCOPE_PATTERN = f"^{_SCOPE.pattern}$"
"""What `is_scope` accepts."""

GRANT_PATTERN = f"^(?:{_SCOPE.pattern}|{_WILDCARD.pattern})$"
"""What `is_scope` or `is_wildcard` accepts."""


def is_scope(text: str) -> bool:
    """Return whether `text` is a scope: `resource:action` in lower case, with two to four levels."""
    return _SCOPE.fullmatch(text) is not None


def is_wildcard(text: str) -> bool:
    """Return whether `text` is `*`, or ends with `:*` at any level."""
    return _WILDCARD.fullmatch(text) is not None


def matching(scope: str) -> tuple[str, ...]:
    """All scopes and wildcards that cover `scope`: itself, `orders:*`, `*`. `scope` may be a wildcard."""
    parts = scope.split(":")
    wildcards = [":".join([*parts[:depth], "*"]) for depth in range(len(parts) - 1, 0, -1)]
    return tuple(dict.fromkeys([scope, *wildcards, EVERYTHING]))


def alternatives(required: str) -> tuple[str, ...]:
    """All grants that include `required`: itself or a wildcard. An operator scope is granted by name only."""
    return (required,) if required in OPERATOR_SCOPES else matching(required)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The scopes of a deployment: operator scopes, the parameter `Scopes`, and Latchhook's own."""

    for_customers: frozenset[str]
    everything: frozenset[str]

    @classmethod
    def of(cls, configured: Iterable[str]) -> "Catalogue":
        """Build the catalogue from the value of the parameter `Scopes`."""
        for_customers = (frozenset(configured) | CUSTOMER_SCOPES) - OPERATOR_SCOPES
        return cls(for_customers, for_customers | OPERATOR_SCOPES)

    def knows(self, scope: str) -> bool:
        """Return whether the scope exists. A wildcard exists if it covers at least one scope."""
        return scope in self.everything or any(scope in matching(known) for known in self.for_customers)

    def covered_by(self, wildcard: str) -> tuple[str, ...]:
        """The scopes that a wildcard covers in this deployment, sorted."""
        return tuple(sorted(known for known in self.for_customers if wildcard in matching(known)))
