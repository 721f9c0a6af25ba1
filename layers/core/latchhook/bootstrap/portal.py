"""Portal sessions."""

from functools import cache

from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng, settings
from latchhook.members.portal_access import PortalAccess
from latchhook.members.portal_editing import PortalOpener
from latchhook.storage.members_table import MembersTable
from latchhook.storage.memberships import MembershipsTable
from latchhook.storage.portal_sessions_table import PortalSessionReader, PortalSessionsTable
from latchhook.storage.profiles_table import ProfilesTable


@cache
def portal_access() -> PortalAccess:
    """Authenticates portal sessions."""
    reader = PortalSessionReader(MembershipsTable(database(), table=settings().settings_table))
    return PortalAccess(lambda: reader)


@cache
def portal_sessions_table() -> PortalSessionsTable:
    """The table of portal sessions."""
    return PortalSessionsTable(database(), audit=audit_items())


@cache
def portal_opener() -> PortalOpener:
    """Creates, exchanges and deletes portal sessions."""
    audit = audit_items()
    members, profiles = MembersTable(database(), audit=audit), ProfilesTable(database(), audit=audit)
    return PortalOpener(portal_sessions_table(), members, profiles, rng())
