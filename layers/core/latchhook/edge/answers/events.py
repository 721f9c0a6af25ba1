"""What publishing many events answers."""

from typing import TypedDict

from latchhook.edge.answers.webhooks import PublishedEventAnswer


class PublishedEventListAnswer(TypedDict):
    """Accepted events."""

    data: list[PublishedEventAnswer]
    """In the order of the request."""
