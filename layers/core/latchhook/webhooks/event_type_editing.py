"""Creates, replaces and deletes event types for the operator, with audit entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from latchhook.audit import Origin
from latchhook.deployment_objects import ObjectEditor, ObjectStore
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


class EventTypeEditor:
    """Puts and deletes event types."""

    def __init__(self, store: ObjectStore[EventType], audit_account_id: str, rng: Random) -> None:
        self._editor = ObjectEditor(store, audit_account_id, rng, "event_type", _CHOSEN)

    def put(self, name: str, chosen: EventTypeSettings, origin: Origin) -> tuple[EventType, bool]:
        """Create or replace a type. Return the type, and whether it is new. Write nothing if nothing changes.

        Raises `InvalidSchemaError`, `UnfitExampleError` and `TooManyEventTypesError`.
        """
        _check(chosen)
        wanted = EventType(
            name=name,
            created_at=origin.at,
            updated_at=origin.at,
            description=chosen.description,
            schema=chosen.schema,
            example=chosen.example,
            orders=chosen.orders,
        )
        return self._editor.put(wanted, origin)

    def delete(self, name: str, origin: Origin) -> None:
        """Delete a type. Its events are still accepted and delivered. Raises `EventTypeNotFoundError`."""
        self._editor.delete(name, origin)


def _check(chosen: EventTypeSettings) -> None:
    if chosen.schema is None:
        return
    schema = EntitySchema(chosen.schema)
    findings = () if chosen.example is None else schema.findings(chosen.example)
    if findings:
        raise UnfitExampleError(findings)
