"""The rights of a caller: allowed scopes minus denied scopes. Deny wins."""

from collections.abc import Iterable
from dataclasses import dataclass

from latchhook.permissions.scopes import Catalogue, alternatives, matching


@dataclass(frozen=True, slots=True)
class Grants:
    """Allowed and denied scopes and wildcards."""

    allowed: frozenset[str]
    denied: frozenset[str] = frozenset()

    @classmethod
    def of(cls, allowed: Iterable[str], denied: Iterable[str] = ()) -> "Grants":
        """Grants from any iterables of scopes."""
        return cls(frozenset(allowed), frozenset(denied))

    def may(self, scope: str) -> bool:
        """Return whether `scope` is allowed and no part of it is denied. `scope` may be a wildcard."""
        return not self.allowed.isdisjoint(alternatives(scope)) and not any(
            denied in matching(scope) or scope in matching(denied) for denied in self.denied
        )

    def covers(self, other: "Grants") -> bool:
        """Return whether `other` gives no right that these grants lack, for every scope, also one that is added later.

        Each allowed scope of `other` must be allowed here. Each denial here that overlaps with it must be denied there.
        """
        denials = (denied for denied in self.denied if other.denied.isdisjoint(matching(denied)))
        return all(not self.allowed.isdisjoint(alternatives(scope)) for scope in other.allowed) and not any(
            denied in matching(scope) or scope in matching(denied) for denied in denials for scope in other.allowed
        )

    def within(self, other: "Grants") -> "Grants":
        """The rights that these grants and `other` have in common.

        Two overlapping wildcards contain each other in one direction, so the narrower one is their intersection.
        """
        common = _inside(self.allowed, other.allowed) | _inside(other.allowed, self.allowed)
        return Grants(common, self.denied | other.denied)

    def listed(self, catalogue: Catalogue) -> tuple[str, ...]:
        """The granted scopes as a list without denials. A partly denied wildcard is replaced by its allowed scopes."""
        listed: dict[str, None] = {}
        for scope in sorted(self.allowed):
            if self.may(scope):
                listed[scope] = None
            else:
                listed |= dict.fromkeys(part for part in catalogue.covered_by(scope) if self.may(part))
        return tuple(listed)


def _inside(scopes: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """Return the scopes that one of the others equals or covers."""
    return frozenset(scope for scope in scopes if not others.isdisjoint(alternatives(scope)))


NO_GRANTS = Grants(frozenset())
