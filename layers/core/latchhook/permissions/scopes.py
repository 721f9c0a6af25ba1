"""Scopes: what they look like, which there are, and when one covers another."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

OPERATOR_SCOPES = frozenset({"api-keys:verify", "events:write", "event-types:write"})
"""Rights that reach across accounts: only the operator's service token and the operator account's keys hold them."""

CUSTOMER_SCOPES = frozenset({"api-keys:read", "api-keys:write", "event-types:read", "webhooks:read", "webhooks:write"})
"""Latchhook's own scopes that an account's admins hold and may give to keys."""

MAX_SCOPES_PER_KEY = 50

_SCOPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(?::[a-z0-9][a-z0-9_-]{0,63}){1,3}")


def is_scope(text: str) -> bool:
    """Whether `text` is `resource:action` in lower case, as document 001 writes scopes."""
    return _SCOPE.fullmatch(text) is not None


def alternatives(required: str) -> tuple[str, ...]:
    """Every scope that covers `required`: itself, `*`, and `resource:*` at each of its levels."""
    parts = required.split(":")
    return (required, *(":".join([*parts[:depth], "*"]) for depth in range(len(parts) - 1, 0, -1)), "*")


def covers(held: Iterable[str], required: str) -> bool:
    """Whether `held` grants `required`, by name or by wildcard."""
    return not frozenset(held).isdisjoint(alternatives(required))


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
