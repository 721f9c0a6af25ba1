"""The settings table's stream: what happens to keys, as their audit entries say, becomes events for webhooks."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap

key_events = bootstrap.key_events()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Publishes a batch's events; from where an outage stopped it, the batch comes again."""
    return key_events.publish(batch)
