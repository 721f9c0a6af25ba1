"""Scheduled job: announce the expiry of API keys seven days before, and mark expired keys.

Verification refuses an expired key without waiting for this job.
"""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.api_keys.due_keys import sweep
from latchhook.edge.scheduled_job import run_scheduled_job

keys = bootstrap.due_keys()


def handler(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:  # noqa: ARG001
    """Process the keys that are due until the time runs out."""
    return run_scheduled_job(
        "key expiry", context, lambda may_go_on: sweep(keys, clock=bootstrap.clock, may_go_on=may_go_on)
    )
