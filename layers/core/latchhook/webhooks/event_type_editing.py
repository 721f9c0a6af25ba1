"""The life of an event type: put and deleted by the operator, with a record of it."""

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
    """All that the operator chooses of a type. The shapes (lengths, sizes, counts) are the schema's to check."""

    description: str | None = None
    schema: Mapping[str, Any] | None = None
    example: Mapping[str, Any] | None = None
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class EventTypeStore(Protocol):
    """Where event types are kept; each change stands in one transaction with its audit entry."""

    def find(self, name: str) -> EventType | None:
        """The type of this name, or None: strongly consistent."""

    def add(self, event_type: EventType, entry: AuditEntry) -> None:
        """Stores a new type; raises `TooManyEventTypesError`, and `EventTypeChangedError` if there is one by now."""

    def replace(self, before: EventType, after: EventType, entry: AuditEntry) -> None:
        """Stores what a type says now; raises `EventTypeChangedError` if it is not as `before` any more."""

    def delete(self, name: str, entry: AuditEntry) -> None:
        """Deletes a type; raises `EventTypeNotFoundError`."""


@dataclass(frozen=True, slots=True)
class EventTypeEditor:
    """Puts and deletes event types.

    They belong to no account. Their changes stand in the log of `audit_account_id`, the operator's; where that is empty
    they stand in the log of no account, which no route shows.
    """

    store: EventTypeStore
    audit_account_id: str
    rng: Random

    def put(self, name: str, chosen: EventTypeSettings, origin: Origin) -> tuple[EventType, bool]:
        """The type as it is now, and whether it is new. Without a change nothing is written.

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
        """Deletes a type; its events are delivered all the same. Raises `EventTypeNotFoundError`."""
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
