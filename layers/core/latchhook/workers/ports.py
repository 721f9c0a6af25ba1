"""Ports that several workers use."""

from collections.abc import Mapping
from typing import Any, Protocol

from latchhook.webhooks.event import Event


class Events(Protocol):
    """Receives accepted events."""

    def publish(self, event: Event, *, receipt: str) -> None:
        """Accept the event. The same id with the same receipt is accepted only once."""


class DeadLetters(Protocol):
    """A dead-letter queue for stream records."""

    def keep(self, record: Mapping[str, Any]) -> None:
        """Store a record."""
