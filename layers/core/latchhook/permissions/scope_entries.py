"""The entries of the scope catalogue: each scope's description and group, for people who choose or grant scopes.

Latchhook's own scopes and the scopes of the parameter `Scopes` are always in the catalogue. The operator adds scopes,
and describes the scopes of the parameter. Latchhook's own scopes and operator scopes have fixed descriptions.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Literal, Protocol

from latchhook.audit import Origin
from latchhook.deployment_objects import ObjectEditor, ObjectStore
from latchhook.pages import Page, Position
from latchhook.permissions.errors import BuiltInScopeError, ScopeNotFoundError
from latchhook.permissions.scopes import CUSTOMER_SCOPES, MEMBER_SCOPES, OPERATOR_SCOPES, Catalogue, is_wildcard

MAX_ENTRIES = 500
"""Limit for the entries that the operator stores in a deployment."""
MAX_DESCRIPTION_LENGTH = 500
MAX_GROUP_LENGTH = 64

Source = Literal["latchhook", "parameter", "operator"]
"""The origin of a scope: Latchhook itself, the parameter `Scopes`, or `PUT /scopes/{name}`."""

DEFAULTS = {
    "orders:read": ("Read order data", "Orders"),
    "orders:write": ("Create and update orders", "Orders"),
    "products:read": ("Read product catalog", "Products"),
    "products:write": ("Manage products", "Products"),
    "inventory:read": ("Read inventory levels", "Inventory"),
    "inventory:write": ("Update inventory", "Inventory"),
    "commissions:read": ("View commissions", "Commissions"),
    "webhooks:read": ("List webhooks", "Webhooks"),
    "webhooks:write": ("Manage webhooks", "Webhooks"),
    "api-keys:read": ("List API keys and permission profiles, and read their usage", "API keys"),
    "api-keys:write": ("Create, change, rotate and revoke API keys and permission profiles", "API keys"),
    "api-keys:*": ("Manage API keys and permission profiles", "API keys"),
    "audit-events:read": ("Read the audit log", "Audit log"),
    "event-types:read": ("List event types", "Event types"),
    "oauth-clients:read": ("List OAuth apps and the users who connected them", "OAuth apps"),
    "oauth-clients:write": ("Create, change and delete OAuth apps, and disconnect users from them", "OAuth apps"),
}
"""Description and group of the scopes that have them without an entry of the operator."""

_RESERVED = CUSTOMER_SCOPES | OPERATOR_SCOPES | MEMBER_SCOPES
"""The names that no stored entry describes. An older version can have stored an entry for a name of a newer version."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry that the operator stores."""

    name: str
    created_at: datetime
    updated_at: datetime
    description: str
    group: str
    version: int = 0
    """The number of changes, for optimistic locking."""


@dataclass(frozen=True, slots=True)
class ScopeEntry:
    """A scope of the catalogue. The times are None for a scope without a stored entry."""

    name: str
    description: str | None
    group: str
    source: Source
    created_at: datetime | None = None
    updated_at: datetime | None = None


class EntryPages(Protocol):
    """Lists stored entries."""

    def page(self, *, limit: int, after: Position | None) -> Page[StoredEntry]:
        """Return a page in the order of the names. Raises `InvalidPositionError`."""

    def name_in(self, position: Position) -> str:
        """Return the name in a position. Raises `InvalidPositionError`."""


@dataclass(frozen=True, slots=True)
class EntryList:
    """Lists the catalogue: the scopes that an account's keys can have, sorted by name."""

    store: EntryPages
    catalogue: Catalogue

    def page(self, *, limit: int, after: Position | None) -> Page[ScopeEntry]:
        """Return a page. It reads at most `limit` + 1 stored entries. Raises `InvalidPositionError`."""
        stored = self.store.page(limit=limit, after=after)
        names = sorted(self.catalogue.for_customers)
        start = 0 if after is None else bisect_right(names, self.store.name_in(after))
        last = None if stored.after is None else self.store.name_in(stored.after)
        # Names after the last stored entry of this page may belong behind entries of the next page.
        end = len(names) if last is None else bisect_right(names, last)
        entries = {name: _default(name) for name in names[start:end]}
        entries |= {each.name: self.shown(each) for each in stored.items if each.name not in _RESERVED}
        found = tuple(entries[name] for name in sorted(entries))
        if len(found) > limit:
            return Page(found[:limit], (found[limit - 1].name,))
        return Page(found, stored.after)

    def shown(self, stored: StoredEntry) -> ScopeEntry:
        """Return the entry of the catalogue for a stored entry."""
        source: Source = "parameter" if stored.name in self.catalogue.for_customers else "operator"
        return ScopeEntry(stored.name, stored.description, stored.group, source, stored.created_at, stored.updated_at)


class ScopeEditor:
    """Puts and deletes entries of the catalogue for the operator."""

    def __init__(
        self, store: ObjectStore[StoredEntry], catalogue: Catalogue, audit_account_id: str, rng: Random
    ) -> None:
        self._editor = ObjectEditor(store, audit_account_id, rng, "scope", ("description", "group"))
        self._catalogue = catalogue

    def put(self, name: str, *, description: str, group: str, origin: Origin) -> tuple[StoredEntry, bool]:
        """Add a scope, or describe a scope of the parameter. Return the entry, and whether it is new.

        Raises `BuiltInScopeError` for Latchhook's own, operator and member scopes, and `TooManyScopesError`.
        """
        if name in _RESERVED:
            raise BuiltInScopeError
        return self._editor.put(StoredEntry(name, origin.at, origin.at, description, group), origin)

    def delete(self, name: str, origin: Origin) -> None:
        """Delete an entry. Keys and profiles that have the scope keep it.

        Raises `ScopeNotFoundError`, and `BuiltInScopeError` for a scope that is in the catalogue without an entry.
        """
        try:
            self._editor.delete(name, origin)
        except ScopeNotFoundError:
            if name in self._catalogue.everything:
                raise BuiltInScopeError from None
            raise


def _default(name: str) -> ScopeEntry:
    resource = name.partition(":")[0]
    every = f"Every scope below {name.removesuffix('*')}" if is_wildcard(name) else None
    description, group = DEFAULTS.get(name, (every, resource))
    return ScopeEntry(name, description, group, "latchhook" if name in CUSTOMER_SCOPES else "parameter")
