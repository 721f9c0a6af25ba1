"""Creates, replaces and deletes event types for the operator, with audit entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Protocol

from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.canonical_json import same_json
from latchhook.optimistic_locking import retry_on_conflict
from latchhook.webhooks.entity_schemas import EntitySchema
from latchhook.webhooks.errors import UnfitExampleError
from latchhook.webhooks.event_types import EventType

_CHOSEN = ("description", "schema", "example", "orders")


@dataclass(frozen=True, slots=True)
class EventTypeSettings:
    """The settings of an event type. The request schema has checked lengths, sizes and counts."""

    description: str | None = None
    schema: Mapping[str, Any] | None = None
    example: Mapping[str, Any] | None = None
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class EventTypeStore(Protocol):
    """The storage of event types. Each change and its audit entry are one transaction."""

    def find(self, name: str) -> EventType | None:
        """Return the type with this name, or None, with a strongly consistent read."""

    def add(self, event_type: EventType, entry: AuditEntry) -> None:
        """Store a new type. Raises `TooManyEventTypesError`, and `EventTypeChangedError` if the type exists already."""

    def replace(self, before: EventType, after: EventType, entry: AuditEntry) -> None:
        """Replace a type. Raises `EventTypeChangedError` if the stored type is no longer `before`."""

    def delete(self, name: str, entry: AuditEntry) -> None:
        """Delete a type. Raises `EventTypeNotFoundError`."""


@dataclass(frozen=True, slots=True)
class EventTypeEditor:
    """Puts and deletes event types.

    Event types belong to no account. Their audit entries are in the log of `audit_account_id`, the operator's account.
    If it is empty, they are in the log of no account, which no route shows.
    """

    store: EventTypeStore
    audit_account_id: str
    rng: Random

    def put(self, name: str, chosen: EventTypeSettings, origin: Origin) -> tuple[EventType, bool]:
        """Create or replace a type. Return the type, and whether it is new. Write nothing if nothing changes.

        Raises `InvalidSchemaError`, `UnfitExampleError` and `TooManyEventTypesError`.
        """
        _check(chosen)

        def change() -> tuple[EventType, bool]:
            before = self.store.find(name)
            if before is not None and _is_same(before, chosen):
                return before, False
            after = EventType(
                name=name,
                created_at=origin.at if before is None else before.created_at,
                updated_at=origin.at,
                description=chosen.description,
                schema=chosen.schema,
                example=chosen.example,
                orders=chosen.orders,
                version=0 if before is None else before.version + 1,
            )
            if before is None:
                self.store.add(after, self._entry(origin, "event_type.created", name))
            else:
                self.store.replace(before, after, self._entry(origin, "event_type.updated", name))
            return after, before is None

        return retry_on_conflict(change, rng=self.rng)

    def delete(self, name: str, origin: Origin) -> None:
        """Delete a type. Its events are still accepted and delivered. Raises `EventTypeNotFoundError`."""
        self.store.delete(name, self._entry(origin, "event_type.deleted", name))

    def _entry(self, origin: Origin, action: str, name: str) -> AuditEntry:
        return replace(new_entry(origin, action, name, rng=self.rng), account_id=self.audit_account_id)


def _is_same(event_type: EventType, chosen: EventTypeSettings) -> bool:
    return all(same_json(getattr(event_type, name), getattr(chosen, name)) for name in _CHOSEN)


def _check(chosen: EventTypeSettings) -> None:
    if chosen.schema is None:
        return
    schema = EntitySchema(chosen.schema)
    findings = () if chosen.example is None else schema.findings(chosen.example)
    if findings:
        raise UnfitExampleError(findings)
