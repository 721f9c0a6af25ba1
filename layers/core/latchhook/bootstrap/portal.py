"""Portal sessions."""

from functools import cache

from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng
from latchhook.bootstrap.members import members_table
from latchhook.bootstrap.memberships import memberships_table
from latchhook.bootstrap.permissions import profiles_table
from latchhook.members.portal_access import PortalAccess
from latchhook.members.portal_editing import PortalOpener
from latchhook.storage.portal_sessions_table import PortalSessionReader, PortalSessionsTable


@cache
def portal_access() -> PortalAccess:
    """Authenticates portal sessions."""
    return PortalAccess(PortalSessionReader(memberships_table()))


@cache
def portal_sessions_table() -> PortalSessionsTable:
    """The table of portal sessions."""
    return PortalSessionsTable(database(), audit=audit_items())


@cache
def portal_opener() -> PortalOpener:
    """Creates, exchanges and deletes portal sessions."""
    return PortalOpener(portal_sessions_table(), members_table(), profiles_table(), rng())
