"""The scope catalogue."""

from functools import cache

from latchhook.bootstrap import environment
from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import catalogue, rng, settings
from latchhook.permissions.added_scopes import AddedScopeCache
from latchhook.permissions.scope_entries import EntryList, ScopeEditor
from latchhook.storage.scopes_table import ScopesTable


@cache
def scopes_table() -> ScopesTable:
    """The table of the catalogue's entries."""
    return ScopesTable(database(), audit=audit_items())


@cache
def added_scopes() -> AddedScopeCache:
    """Caches the names of the entries."""
    return AddedScopeCache(scopes_table(), clock=environment.clock)


@cache
def scope_list() -> EntryList:
    """Lists the catalogue."""
    return EntryList(scopes_table(), catalogue())


@cache
def scope_editor() -> ScopeEditor:
    """Adds, changes and deletes entries."""
    return ScopeEditor(scopes_table(), catalogue(), settings().operator_account_id, rng())
