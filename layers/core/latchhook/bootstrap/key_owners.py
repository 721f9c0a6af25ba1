"""The rights of the members that API keys follow."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latchhook.members.owners import MemberOwners


@cache
def key_owners() -> "MemberOwners":
    """Reads the rights of owners. Few keys follow an owner, so it is imported at the first of them."""
    from latchhook.bootstrap.database import database
    from latchhook.bootstrap.environment import settings
    from latchhook.members.owners import MemberOwners
    from latchhook.storage.memberships import MembershipsTable

    memberships = MembershipsTable(database(), table=settings().settings_table)
    return MemberOwners(memberships, settings().operator_account_id)
