"""Members of accounts."""

from functools import cache

from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng, settings
from latchhook.bootstrap.permissions import profiles_table
from latchhook.members.editing import MemberEditor
from latchhook.storage.members_table import MembersTable


@cache
def members_table() -> MembersTable:
    """The table of members."""
    return MembersTable(database(), audit=audit_items())


@cache
def member_editor() -> MemberEditor:
    """Adds, changes and removes members."""
    return MemberEditor(members_table(), profiles_table, settings().operator_account_id, rng())
