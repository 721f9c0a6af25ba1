"""The rights of the members that API keys follow."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latchhook.members.owners import MemberOwners


@cache
def key_owners() -> "MemberOwners":
    """Reads the rights of owners. Few keys follow an owner, so it is imported at the first of them."""
    from latchhook.bootstrap.environment import settings
    from latchhook.bootstrap.memberships import memberships_table
    from latchhook.members.owners import MemberOwners

    return MemberOwners(memberships_table(), settings().operator_account_id)
