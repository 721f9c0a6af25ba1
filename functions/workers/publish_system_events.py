"""Stream of the settings table: publish system events from the audit entries of API keys."""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap.system_events import system_events

publisher = system_events()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Publish the system events of a batch. After an outage, Lambda repeats the batch from the entry that failed."""
    return publisher.publish(batch)
