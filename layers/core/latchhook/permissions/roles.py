"""The rights of each role. docs/integrate/permissions.md contains the same table."""

from collections.abc import Mapping
from dataclasses import dataclass

from latchhook.permissions.grants import Grants
from latchhook.permissions.scopes import EVERYTHING


@dataclass(frozen=True, slots=True)
class Role:
    """The rights of a session with this `app_metadata.role`."""

    grants: Grants
    manages_clients: bool
    """Whether `X-Account-Id` may select one of `app_metadata.client_account_ids`."""


ROLES: Mapping[str, Role] = {
    "business_admin": Role(Grants.of([EVERYTHING]), manages_clients=False),
    "advisor": Role(Grants.of([EVERYTHING]), manages_clients=True),
}
"""Every other role has no rights."""
