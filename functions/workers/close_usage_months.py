"""The sweep that moves the uses of months that are over out of the keys' items, which every verification writes."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.api_keys.month_closing import close_months
from latchhook.edge.sweeping import run_sweep

uses = bootstrap.key_uses()


def handler(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:  # noqa: ARG001
    """Closes months, as far as the time allows."""
    return run_sweep(
        "months of keys' usage",
        context,
        lambda may_go_on: close_months(uses, clock=bootstrap.clock, may_go_on=may_go_on),
    )
