"""A sweep as Lambda runs it: as far as the time allows, told in one line, and failed if anything in it did."""

from collections.abc import Callable, Mapping
from typing import Any

from latchhook.api_keys.scheduled_jobs import Swept
from latchhook.telemetry import log_failure, logger

MARGIN_MILLIS = 10_000
"""A run stops this long before Lambda would stop it; what is left is still there for the next run."""


def run_scheduled_job(what: str, context: Any, sweep: Callable[[Callable[[], bool]], Swept]) -> Mapping[str, Any]:
    """Runs `sweep` with the word on whether it may go on; raises the first failure once all the rest is done."""
    swept = sweep(lambda: context.get_remaining_time_in_millis() > MARGIN_MILLIS)
    logger.info("swept", extra={"what": what, "done": swept.done, "failed": len(swept.failures)})
    for failure in swept.failures:
        log_failure("sweep", failure, what=what)
    if swept.failures:
        raise swept.failures[0]
    return {"done": swept.done}
