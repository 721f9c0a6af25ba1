"""The sweep of keys that expire: it tells seven days before, and marks at the time. Verification does not wait."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.api_keys.due_keys import sweep
from latchhook.edge.scheduled_job import run_scheduled_job

keys = bootstrap.due_keys()


def handler(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:  # noqa: ARG001
    """Settles what is due, as far as the time allows."""
    return run_scheduled_job(
        "keys that expire", context, lambda may_go_on: sweep(keys, clock=bootstrap.clock, may_go_on=may_go_on)
    )
