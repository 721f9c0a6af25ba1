"""The sweep that writes `expired` on keys whose time is over. Verification does not wait for it."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.api_keys.expiry_sweep import sweep
from latchhook.telemetry import logger

keys = bootstrap.api_keys()

MARGIN_MILLIS = 10_000
"""A run stops this long before Lambda would stop it; what is left is still in the index for the next run."""


def handler(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:  # noqa: ARG001
    """Marks what is due, as far as the time allows."""
    marked = sweep(
        keys,
        clock=bootstrap.clock,
        may_go_on=lambda: context.get_remaining_time_in_millis() > MARGIN_MILLIS,
    )
    logger.info("expired keys marked", extra={"marked": marked})
    return {"marked": marked}
