"""What the event type endpoints answer, and the test of filters."""

from typing import Any, TypedDict

from latchhook.clock import rfc3339
from latchhook.edge.responses.formats import Moment
from latchhook.webhooks.event_types import EventType


class EventTypeResponse(TypedDict):
    """An event type (document 003's event picker)."""

    name: str
    description: str | None
    schema: dict[str, Any] | None
    """JSON Schema 2020-12 of the event's `entity`; null where it may be anything."""
    example: dict[str, Any] | None
    """An `entity` as it may come."""
    orders: dict[str, list[str]]
    """Words from the least to the greatest, by the path of their field in the event's body."""
    createdAt: Moment
    updatedAt: Moment


class EventTypeListResponse(TypedDict):
    """A page of event types in the order of their names. It may be shorter than was asked for, and not the last."""

    data: list[EventTypeResponse]
    nextCursor: str | None
    """Where the next page starts; null on the last one."""


class CheckedFilterResponse(TypedDict):
    """Whether a webhook with this filter would get the event."""

    matches: bool
    event: dict[str, Any]
    """The body that was looked at."""


def event_type_response(event_type: EventType) -> EventTypeResponse:
    """The type as everybody sees it."""
    return {
        "name": event_type.name,
        "description": event_type.description,
        "schema": None if event_type.schema is None else dict(event_type.schema),
        "example": None if event_type.example is None else dict(event_type.example),
        "orders": {path: list(words) for path, words in event_type.orders.items()},
        "createdAt": rfc3339(event_type.created_at),
        "updatedAt": rfc3339(event_type.updated_at),
    }
