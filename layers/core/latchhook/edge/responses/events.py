"""The response body of publishing several events."""

from typing import TypedDict

from latchhook.edge.responses.webhooks import PublishedEventResponse


class PublishedEventListResponse(TypedDict):
    """The accepted events."""

    data: list[PublishedEventResponse]
    """The events in the order of the request."""
