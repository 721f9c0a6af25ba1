"""Scheduled jobs in Lambda: a job stops before the timeout, logs its result, and fails if any item failed."""

from collections.abc import Callable, Mapping
from typing import Any

from latchhook.api_keys.scheduled_jobs import Swept
from latchhook.telemetry import log_failure, logger

MARGIN_MILLIS = 10_000
"""A run stops this long before Lambda's timeout. The next run continues with the remaining items."""


def run_scheduled_job(what: str, context: Any, sweep: Callable[[Callable[[], bool]], Swept]) -> Mapping[str, Any]:
    """Run the job `what`. `sweep` gets a function that returns whether time is left.

    Raises the first failure after all items are processed.
    """
    swept = sweep(lambda: context.get_remaining_time_in_millis() > MARGIN_MILLIS)
    logger.info("scheduled job finished", extra={"what": what, "done": swept.done, "failed": len(swept.failures)})
    for failure in swept.failures:
        log_failure("scheduled job failed", failure, what=what)
    if swept.failures:
        raise swept.failures[0]
    return {"done": swept.done}
