"""What publishing many events answers."""

from typing import TypedDict

from latchhook.edge.responses.webhooks import PublishedEventResponse


class PublishedEventListResponse(TypedDict):
    """Accepted events."""

    data: list[PublishedEventResponse]
    """In the order of the request."""
