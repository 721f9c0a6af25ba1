"""The rights of each role. docs/integrate/permissions.md contains the same table."""

from collections.abc import Mapping
from dataclasses import dataclass

from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.scopes import EVERYTHING, MEMBER_SCOPES, OPERATOR_SCOPES


@dataclass(frozen=True, slots=True)
class Role:
    """The rights of a user with this role."""

    grants: Grants
    manages_clients: bool
    """Whether `X-Account-Id` may select one of the user's client accounts."""


ROLES: Mapping[str, Role] = {
    "admin": Role(Grants.of([EVERYTHING, *MEMBER_SCOPES]), manages_clients=False),
    "advisor": Role(Grants.of([EVERYTHING]), manages_clients=True),
    "member": Role(NO_GRANTS, manages_clients=False),
    "none": Role(NO_GRANTS, manages_clients=False),
}
"""All roles. `identity/` maps the roles of the identity provider to them, and unknown roles to `none`."""


def rights_of(role: str, profile: Grants = NO_GRANTS, *, in_operator_account: bool) -> Grants:
    """Return the rights of a user with this role and this profile. Unknown roles have the rights of `none`.

    In the operator's account, a role with rights also has the operator scopes.
    """
    allowed = ROLES.get(role, ROLES["none"]).grants.allowed
    if allowed and in_operator_account:
        allowed |= OPERATOR_SCOPES
    return Grants(allowed | profile.allowed, profile.denied)
