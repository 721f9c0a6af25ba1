"""Stored memberships of callers."""

from functools import cache

from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import settings
from latchhook.members.access import MemberAccess
from latchhook.storage.memberships import MembershipsTable


@cache
def member_access() -> MemberAccess:
    """Applies stored memberships to the identities of sessions."""
    memberships = MembershipsTable(database(), table=settings().settings_table)
    return MemberAccess(memberships, is_membership_required=settings().require_membership)
