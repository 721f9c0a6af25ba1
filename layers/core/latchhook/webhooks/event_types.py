"""Event types: what an event's name promises of its entity, and orders of words that filters compare by."""

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
"""In a deployment."""
MAX_SCHEMA_BYTES = 16 * 1024
"""As compact JSON."""
MAX_EXAMPLE_BYTES = 16 * 1024
MAX_ORDERS = 20
MAX_WORDS = 50
"""Of one order."""
MAX_WORD_LENGTH = 64
MAX_PATH_LENGTH = 255

LONGEST_SECONDS = 60
"""How long a type, or that there is none, is remembered: so late a change of it is seen at the latest."""
MOST_TYPES = 300
"""How many names an environment remembers; what a type holds at most is some 100 KiB of JSON."""

_EXAMPLE = UUID("00000000-0000-4000-8000-000000000000")


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type. All accounts see it; the operator alone changes it."""

    name: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    schema: Mapping[str, Any] | None = None
    """JSON Schema 2020-12 of the event's `entity`; None where anything may stand there."""
    example: Mapping[str, Any] | None = None
    """An `entity` that fits the schema."""
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words from the least to the greatest, by the dotted path of their field in the body: `entity.severity`."""
    version: int = 0
    """Counts the changes."""


class EventTypeReader(Protocol):
    """Where event types are kept."""

    def find(self, name: str) -> EventType | None:
        """The type of this name, or None."""


class KnownEventType:
    """A type that was read; its schema is made ready when an event is checked first."""

    def __init__(self, event_type: EventType) -> None:
        self.type = event_type

    @cached_property
    def schema(self) -> EntitySchema | None:
        """The schema, None where there is none; raises `UnreadableSchemaError`."""
        if self.type.schema is None:
            return None
        try:
            return EntitySchema(self.type.schema)
        except InvalidSchemaError as error:
            raise UnreadableSchemaError(self.type.name) from error


class KnownEventTypes(Protocol):
    """Finds types by their names."""

    def find(self, name: str) -> KnownEventType | None:
        """The type of this name, or None."""


class EventTypeCache:
    """Finds types in `store`, each name at most once a minute: what is published is mostly of a few types."""

    def __init__(self, store: EventTypeReader, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._found: OrderedDict[str, tuple[KnownEventType | None, float]] = OrderedDict()

    def find(self, name: str) -> KnownEventType | None:
        """The type of this name as it was at most 60 seconds ago, None where there was none."""
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
        """Reads every type anew."""
        self._found.clear()


def check_against_type(name: str, entity: Mapping[str, Any], types: KnownEventTypes) -> None:
    """Whether an event's entity is as its type says; where the name is not registered, it may be anything.

    Raises `UnfitEntityError`; an entity that `event_body` refuses is not for here.
    """
    known = types.find(name)
    if known is None or known.schema is None:
        return
    findings = known.schema.findings(entity)
    if findings:
        raise UnfitEntityError(findings)


def example_body(event_type: EventType, *, account_id: str, now: datetime) -> dict[str, Any] | None:
    """The body of an event of this type as a receiver could get it; None if the type has no example."""
    if event_type.example is None:
        return None
    return {
        "event": event_type.name,
        "accountId": account_id,
        "entity": event_type.example,
        "id": str(_EXAMPLE),
        "occurredAt": rfc3339(now),
    }
