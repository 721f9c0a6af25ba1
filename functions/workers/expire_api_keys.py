"""Scheduled job: announce the expiry of API keys seven days before, and mark expired keys.

Verification refuses an expired key without waiting for this job.
"""

from collections.abc import Mapping
from typing import Any

from latchhook.api_keys.due_keys import sweep
from latchhook.bootstrap import environment
from latchhook.bootstrap.key_expiry import due_keys_table
from latchhook.workers.scheduled_job import run_scheduled_job

keys = due_keys_table()


def handler(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:  # noqa: ARG001
    """Process the keys that are due until the time runs out."""
    return run_scheduled_job(
        "key expiry", context, lambda may_go_on: sweep(keys, clock=environment.clock, may_go_on=may_go_on)
    )
