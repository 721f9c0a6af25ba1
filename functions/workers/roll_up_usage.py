"""Scheduled job: move the daily counts of past months out of the keys' items (usage rollup).

This keeps the items small, since every verification writes its key's item.
"""

from collections.abc import Mapping
from typing import Any

from latchhook.api_keys.usage_rollup import close_months
from latchhook.bootstrap import environment
from latchhook.bootstrap.billing import billing_days
from latchhook.bootstrap.key_uses import key_uses_table
from latchhook.workers.scheduled_job import run_scheduled_job

uses = key_uses_table()


def handler(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:  # noqa: ARG001
    """Move the counts of past months until the time runs out."""
    return run_scheduled_job(
        "usage rollup",
        context,
        lambda may_go_on: close_months(uses, clock=environment.clock, may_go_on=may_go_on, billing_days=billing_days()),
    )
