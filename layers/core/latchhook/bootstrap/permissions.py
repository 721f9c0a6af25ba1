"""Permission profiles."""

from functools import cache

from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import catalogue, rng
from latchhook.permissions.profile_editing import ProfileEditor
from latchhook.storage.profiles_table import ProfilesTable


@cache
def profiles_table() -> ProfilesTable:
    """The table of permission profiles."""
    return ProfilesTable(database(), audit=audit_items())


@cache
def profile_editor() -> ProfileEditor:
    """Creates, changes and deletes permission profiles."""
    return ProfileEditor(profiles_table(), catalogue(), rng())
