"""The sweep that moves the uses of months that are over out of the keys' items, which every verification writes."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.api_keys.usage_rollup import close_months
from latchhook.edge.scheduled_job import run_scheduled_job

uses = bootstrap.key_uses()


def handler(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:  # noqa: ARG001
    """Closes months, as far as the time allows."""
    return run_scheduled_job(
        "months of keys' usage",
        context,
        lambda may_go_on: close_months(uses, clock=bootstrap.clock, may_go_on=may_go_on),
    )
