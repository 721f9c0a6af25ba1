"""Event types: the schema of an event's entity, and the word orders that filters use."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from latchhook.clock import Clock, rfc3339
from latchhook.webhooks.entity_schemas import EntitySchema
from latchhook.webhooks.errors import InvalidSchemaError, UnfitEntityError, UnreadableSchemaError

MAX_TYPES = 1_000
"""Limit for a deployment."""
MAX_SCHEMA_BYTES = 16 * 1024
"""Limit for the schema as compact JSON."""
MAX_EXAMPLE_BYTES = 16 * 1024
MAX_ORDERS = 20
MAX_WORDS = 50
"""Limit for one order."""
MAX_WORD_LENGTH = 64
MAX_PATH_LENGTH = 255

LONGEST_SECONDS = 60
"""The lifetime of a cached type or of a cached absence. Changes of a type take effect within this time."""
MOST_TYPES = 300
"""The maximum number of names in the cache of an environment. A type has at most about 100 KiB of JSON."""

_EXAMPLE = UUID("00000000-0000-4000-8000-000000000000")


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type. All accounts see it. Only the operator changes it."""

    name: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    schema: Mapping[str, Any] | None = None
    """The JSON Schema 2020-12 of the event's `entity`. With None, any entity is accepted."""
    example: Mapping[str, Any] | None = None
    """An `entity` that fits the schema."""
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Lists of words, from the least to the greatest, by the dotted path of their field: `entity.severity`."""
    version: int = 0
    """The number of changes, for optimistic locking."""


class EventTypeReader(Protocol):
    """The storage of event types."""

    def find(self, name: str) -> EventType | None:
        """Return the type with this name, or None."""


class KnownEventType:
    """A cached type. The first check of an event compiles its schema."""

    def __init__(self, event_type: EventType) -> None:
        self.type = event_type

    @cached_property
    def schema(self) -> EntitySchema | None:
        """The compiled schema, or None if the type has none. Raises `UnreadableSchemaError`."""
        if self.type.schema is None:
            return None
        try:
            return EntitySchema(self.type.schema)
        except InvalidSchemaError as error:
            raise UnreadableSchemaError(self.type.name) from error


class KnownEventTypes(Protocol):
    """Finds types by their names."""

    def find(self, name: str) -> KnownEventType | None:
        """Return the type with this name, or None."""


class EventTypeCache:
    """Caches types from `store` for a minute, because most events have one of a few types."""

    def __init__(self, store: EventTypeReader, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._found: OrderedDict[str, tuple[KnownEventType | None, float]] = OrderedDict()

    def find(self, name: str) -> KnownEventType | None:
        """Return the type with this name, at most 60 seconds old, or None if it does not exist."""
        now = self._clock().timestamp()
        remembered = self._found.pop(name, None)
        if remembered is None or now >= remembered[1]:
            found = self._store.find(name)
            remembered = (None if found is None else KnownEventType(found), now + LONGEST_SECONDS)
        self._found[name] = remembered
        if len(self._found) > MOST_TYPES:
            self._found.popitem(last=False)
        return remembered[0]

    def forget(self) -> None:
        """Clear the cache."""
        self._found.clear()


def check_against_type(name: str, entity: Mapping[str, Any], types: KnownEventTypes) -> None:
    """Check an event's entity against the schema of its type. An unregistered name accepts any entity.

    Raises `UnfitEntityError`. Call `event_body` first: it refuses entities that cannot be checked here.
    """
    known = types.find(name)
    if known is None or known.schema is None:
        return
    findings = known.schema.findings(entity)
    if findings:
        raise UnfitEntityError(findings)


def example_body(event_type: EventType, *, account_id: str, now: datetime) -> dict[str, Any] | None:
    """Return an example body for receivers, or None if the type has no example."""
    if event_type.example is None:
        return None
    return {
        "event": event_type.name,
        "accountId": account_id,
        "entity": event_type.example,
        "id": str(_EXAMPLE),
        "occurredAt": rfc3339(now),
    }
