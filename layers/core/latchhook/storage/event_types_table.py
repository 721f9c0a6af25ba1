"""Event types in the table Settings: `EVENT_TYPES` / `<name>`. Schema, example and orders are stored as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from latchhook.clock import from_millis
from latchhook.storage.deployment_items import DeploymentItems
from latchhook.webhooks.errors import EventTypeChangedError, EventTypeNotFoundError, TooManyEventTypesError
from latchhook.webhooks.event_names import is_event_name
from latchhook.webhooks.event_types import MAX_TYPES, EventType


class EventTypesTable(DeploymentItems[EventType]):
    """Reads and writes event types."""

    partition = "EVENT_TYPES"
    counter = "eventTypes"
    limit = MAX_TYPES
    changed = EventTypeChangedError
    missing = EventTypeNotFoundError
    too_many = TooManyEventTypesError
    is_name = staticmethod(is_event_name)

    @staticmethod
    def read(item: Mapping[str, Any]) -> EventType:
        """Build the event type from its item."""
        return EventType(
            name=item["sk"],
            created_at=from_millis(item["createdAt"]),
            updated_at=from_millis(item["updatedAt"]),
            description=item.get("description"),
            schema=json.loads(item["schema"]) if "schema" in item else None,
            example=json.loads(item["example"]) if "example" in item else None,
            orders={path: tuple(words) for path, words in json.loads(item["orders"]).items()},
            version=item["version"],
        )

    @staticmethod
    def attributes(stored: EventType) -> Mapping[str, Any]:
        """Return the attributes of an event type."""
        return {
            "description": stored.description,
            "schema": _json(stored.schema),
            "example": _json(stored.example),
            "orders": _json(stored.orders),
        }


def _json(document: Mapping[str, Any] | None) -> str | None:
    return None if document is None else json.dumps(document, ensure_ascii=False, separators=(",", ":"))
