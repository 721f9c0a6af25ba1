"""Scopes: their syntax, the catalogue of a deployment, and wildcards."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

MANAGE_ACCOUNTS = "accounts:manage"
"""The operator scope to act for any account, with the rights of an admin there."""

OPERATOR_SCOPES = frozenset({MANAGE_ACCOUNTS, "api-keys:verify", "events:write", "event-types:write", "scopes:write"})
"""Rights across accounts. Only the operator's service token and the operator account's keys have them."""

CUSTOMER_SCOPES = frozenset(
    {
        "api-keys:read",
        "api-keys:write",
        "audit-events:read",
        "event-types:read",
        "oauth-clients:read",
        "oauth-clients:write",
        "webhooks:read",
        "webhooks:write",
    }
)
"""Latchhook's own scopes. An account's admins have them and may grant them to keys."""

MEMBER_SCOPES = frozenset({"account-members:read", "account-members:write"})
"""Rights over the members of an account. Only its admins and the operator have them: no key and no profile can."""

EVERYTHING = "*"
"""The wildcard for every scope except operator scopes and member scopes."""

MAX_SCOPES_PER_KEY = 50

_SCOPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(?::[a-z0-9][a-z0-9_-]{0,63}){1,3}")
_WILDCARD = re.compile(r"\*|[a-z0-9][a-z0-9_-]{0,63}(?::[a-z0-9][a-z0-9_-]{0,63}){0,2}:\*")

MAX_SCOPE_LENGTH = 200
"""Limit for a scope of a key and for a name in the catalogue."""

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
    """All grants that include `required`: itself or a wildcard. Operator and member scopes are granted by name only."""
    return (required,) if required in OPERATOR_SCOPES | MEMBER_SCOPES else matching(required)


class AddedScopes(Protocol):
    """The names of the scopes that the operator added to the catalogue."""

    def recent(self) -> frozenset[str]:
        """Return the names, at most a minute old."""

    def current(self) -> frozenset[str]:
        """Return the names with a strongly consistent read."""


class NoAddedScopes:
    """A catalogue without added scopes."""

    def recent(self) -> frozenset[str]:
        """Return no names."""
        return frozenset()

    def current(self) -> frozenset[str]:
        """Return no names."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The scopes of a deployment: operator scopes, the parameter `Scopes`, Latchhook's own, and added scopes.

    The parameter can contain wildcards, so that the catalogue offers them like scopes. Added scopes are read only if
    the other scopes do not decide.
    """

    for_customers: frozenset[str]
    """The scopes that keys of accounts can have, without added scopes."""
    everything: frozenset[str]
    """`for_customers` and the operator scopes."""
    added: AddedScopes

    @classmethod
    def of(cls, configured: Iterable[str], added: AddedScopes | None = None) -> "Catalogue":
        """Build the catalogue from the value of the parameter `Scopes` and the scopes that the operator added."""
        for_customers = (frozenset(configured) | CUSTOMER_SCOPES) - OPERATOR_SCOPES - MEMBER_SCOPES
        return cls(for_customers, for_customers | OPERATOR_SCOPES, added or NoAddedScopes())

    def unknown(self, scopes: Iterable[str]) -> frozenset[str]:
        """Return the scopes that do not exist. A wildcard exists if it covers at least one scope."""
        left = frozenset(scope for scope in scopes if scope not in OPERATOR_SCOPES)
        left = _uncovered(left, self.for_customers)
        for names in (self.added.recent, self.added.current):
            if left:
                left = _uncovered(left, names())
        return left

    def covered_by(self, wildcard: str) -> tuple[str, ...]:
        """The scopes that a wildcard covers in this deployment, sorted."""
        known = self.for_customers | self.added.recent()
        return tuple(sorted(name for name in known if wildcard in matching(name) and not is_wildcard(name)))


def _uncovered(scopes: frozenset[str], names: Iterable[str]) -> frozenset[str]:
    return scopes - {match for name in names for match in matching(name)}
