"""Objects of the deployment, which belong to no account: event types and scopes. Only the operator changes them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Generic, Protocol, TypeVar

from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.canonical_json import same_json
from latchhook.optimistic_locking import retry_on_conflict


class DeploymentObject(Protocol):
    """An object with a unique name. It is a frozen dataclass."""

    @property
    def name(self) -> str:
        """The name, unique in the deployment."""

    @property
    def created_at(self) -> datetime:
        """The time of the first put."""

    @property
    def updated_at(self) -> datetime:
        """The time of the last change."""

    @property
    def version(self) -> int:
        """The number of changes, for optimistic locking."""


O = TypeVar("O", bound=DeploymentObject)  # noqa: E741


class ObjectStore(Protocol[O]):
    """The storage of the objects of one kind. Each change and its audit entry are one transaction."""

    def find(self, name: str) -> O | None:
        """Return the object with this name, or None, with a strongly consistent read."""

    def add(self, added: O, entry: AuditEntry) -> None:
        """Store a new object. Raises the kind's limit error, and a `ConflictError` if the name exists already."""

    def replace(self, before: O, after: O, entry: AuditEntry) -> None:
        """Replace an object. Raises a `ConflictError` if the stored object is no longer `before`."""

    def delete(self, name: str, entry: AuditEntry) -> None:
        """Delete an object. Raises the kind's error for a missing object."""


@dataclass(frozen=True, slots=True)
class ObjectEditor(Generic[O]):
    """Puts and deletes the objects of one kind.

    The audit entries are in the log of `audit_account_id`, the operator's account. If it is empty, they are in the log
    of no account, which no route shows.
    """

    store: ObjectStore[O]
    audit_account_id: str
    rng: Random
    kind: str
    """The first part of the audit actions: `event_type`."""
    chosen: Sequence[str]
    """The attributes that a caller chooses."""

    def put(self, wanted: O, origin: Origin) -> tuple[O, bool]:
        """Create or replace an object. Return the object, and whether it is new. Write nothing if nothing changes.

        `wanted` is the object as it would be if it were new. Raises the store's limit error.
        """

        def change() -> tuple[O, bool]:
            before = self.store.find(wanted.name)
            if before is None:
                self.store.add(wanted, self._entry(origin, "created", wanted.name))
                return wanted, True
            if all(same_json(getattr(before, name), getattr(wanted, name)) for name in self.chosen):
                return before, False
            kept = {"created_at": before.created_at, "version": before.version + 1}
            after: O = replace(wanted, **kept)  # type: ignore[type-var]
            self.store.replace(before, after, self._entry(origin, "updated", wanted.name))
            return after, False

        return retry_on_conflict(change, rng=self.rng)

    def delete(self, name: str, origin: Origin) -> None:
        """Delete an object. Raises the store's error for a missing object."""
        self.store.delete(name, self._entry(origin, "deleted", name))

    def _entry(self, origin: Origin, verb: str, name: str) -> AuditEntry:
        return replace(new_entry(origin, f"{self.kind}.{verb}", name, rng=self.rng), account_id=self.audit_account_id)
