"""The rights of each role. docs/integrate/permissions.md contains the same table."""

from collections.abc import Mapping
from dataclasses import dataclass

from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.scopes import EVERYTHING, MEMBER_SCOPES


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
