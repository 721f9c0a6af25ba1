"""What somebody may do: what is allowed, less what is denied. Deny wins (contracts.md, "profiles")."""

from collections.abc import Iterable
from dataclasses import dataclass

from latchhook.permissions.scopes import Catalogue, alternatives, matching


@dataclass(frozen=True, slots=True)
class Grants:
    """Scopes and wildcards that are allowed, and those that are denied."""

    allowed: frozenset[str]
    denied: frozenset[str] = frozenset()

    @classmethod
    def of(cls, allowed: Iterable[str], denied: Iterable[str] = ()) -> "Grants":
        """The grants of any scopes."""
        return cls(frozenset(allowed), frozenset(denied))

    def may(self, scope: str) -> bool:
        """Whether all of `scope`, which may be a wildcard, is allowed and no part of it denied."""
        return not self.allowed.isdisjoint(alternatives(scope)) and not any(
            denied in matching(scope) or scope in matching(denied) for denied in self.denied
        )

    def listed(self, catalogue: Catalogue) -> tuple[str, ...]:
        """What is granted as a list that needs no denials: a wildcard that is denied in part is spelled out."""
        listed: dict[str, None] = {}
        for scope in sorted(self.allowed):
            if self.may(scope):
                listed[scope] = None
            else:
                listed |= dict.fromkeys(part for part in catalogue.covered_by(scope) if self.may(part))
        return tuple(listed)


NO_GRANTS = Grants(frozenset())
