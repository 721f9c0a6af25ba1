"""The settings table's stream: what happens to keys, as their audit entries say, becomes events for webhooks."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap

system_events = bootstrap.system_events()


def handler(batch: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Publishes a batch's events; from where an outage stopped it, the batch comes again."""
    return system_events.publish(batch)
