"""Stored memberships of callers."""

from functools import cache

from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import settings
from latchhook.members.access import MemberAccess
from latchhook.storage.memberships import MembershipsTable


@cache
def memberships_table() -> MembershipsTable:
    """The stored memberships. Sessions, portal sessions and keys that follow their owner share its hints."""
    return MembershipsTable(database(), table=settings().settings_table)


@cache
def member_access() -> MemberAccess:
    """Applies stored memberships to the identities of sessions."""
    return MemberAccess(memberships_table(), is_membership_required=settings().require_membership)
