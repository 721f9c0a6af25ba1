"""The operator's entries of the scope catalogue in the table Settings: `SCOPES` / `<name>`."""

from collections.abc import Mapping
from typing import Any

from latchhook.clock import from_millis
from latchhook.permissions.errors import ScopeChangedError, ScopeNotFoundError, TooManyScopesError
from latchhook.permissions.scope_entries import MAX_ENTRIES, StoredEntry
from latchhook.permissions.scopes import is_scope, is_wildcard
from latchhook.storage.deployment_items import DeploymentItems


class ScopesTable(DeploymentItems[StoredEntry]):
    """Reads and writes entries of the scope catalogue."""

    partition = "SCOPES"
    counter = "scopes"
    limit = MAX_ENTRIES
    changed = ScopeChangedError
    missing = ScopeNotFoundError
    too_many = TooManyScopesError

    @staticmethod
    def is_name(text: str) -> bool:
        """Return whether the text can be a name in the catalogue. The parameter `Scopes` can contain wildcards."""
        return is_scope(text) or is_wildcard(text)

    @staticmethod
    def read(item: Mapping[str, Any]) -> StoredEntry:
        """Build the entry from its item."""
        return StoredEntry(
            name=item["sk"],
            created_at=from_millis(item["createdAt"]),
            updated_at=from_millis(item["updatedAt"]),
            description=item["description"],
            group=item["group"],
            version=item["version"],
        )

    @staticmethod
    def attributes(stored: StoredEntry) -> Mapping[str, Any]:
        """Return the attributes of an entry."""
        return {"description": stored.description, "group": stored.group}
