"""Response bodies with event types, and of the filter test."""

from typing import Any, TypedDict

from latchhook.clock import rfc3339
from latchhook.edge.responses.formats import Moment
from latchhook.webhooks.event_types import EventType


class EventTypeResponse(TypedDict):
    """A registered event type."""

    name: str
    description: str | None
    schema: dict[str, Any] | None
    """The JSON Schema (2020-12) of the event's `entity`; null if every entity is valid."""
    example: dict[str, Any] | None
    """An example of an `entity`."""
    orders: dict[str, list[str]]
    """The order of a field's words, lowest first, by the path of the field in the event's body."""
    createdAt: Moment
    updatedAt: Moment


class EventTypeListResponse(TypedDict):
    """A page of event types, sorted by name. A page can be shorter than `limit` without being the last."""

    data: list[EventTypeResponse]
    nextCursor: str | None
    """The `cursor` of the next page; null on the last page."""


class CheckedFilterResponse(TypedDict):
    """The result of a filter test."""

    matches: bool
    """Whether the filter matches the event."""
    event: dict[str, Any]
    """The body of the event that the filter was compared with."""


def event_type_response(event_type: EventType) -> EventTypeResponse:
    """Return the response body of an event type."""
    return {
        "name": event_type.name,
        "description": event_type.description,
        "schema": None if event_type.schema is None else dict(event_type.schema),
        "example": None if event_type.example is None else dict(event_type.example),
        "orders": {path: list(words) for path, words in event_type.orders.items()},
        "createdAt": rfc3339(event_type.created_at),
        "updatedAt": rfc3339(event_type.updated_at),
    }
