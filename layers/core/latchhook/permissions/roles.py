"""What each role may do (document 002, "Who Can Manage Keys"). docs/permissions.md shows the same table to people."""

from collections.abc import Mapping
from dataclasses import dataclass

from latchhook.permissions.grants import Grants
from latchhook.permissions.scopes import EVERYTHING


@dataclass(frozen=True, slots=True)
class Role:
    """What a session's `app_metadata.role` gives."""

    grants: Grants
    manages_clients: bool
    """Whether `X-Account-Id` may name one of `app_metadata.client_account_ids`."""


ROLES: Mapping[str, Role] = {
    "business_admin": Role(Grants.of([EVERYTHING]), manages_clients=False),
    "advisor": Role(Grants.of([EVERYTHING]), manages_clients=True),
}
"""Every other role may do nothing here."""
