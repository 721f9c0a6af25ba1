"""The worker that runs recoveries."""

from datetime import timedelta
from functools import cache

from latchhook.bootstrap import environment
from latchhook.bootstrap.backlogs import webhook_paces
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng, settings
from latchhook.bootstrap.queues import retry_queue
from latchhook.bootstrap.recoveries import recoveries_table, recovery_queue
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.storage.recoverable_deliveries import RecoverableDeliveries
from latchhook.webhooks.recovery_steps import StepTaker


@cache
def recovery_steps() -> StepTaker:
    """Runs the steps of recoveries."""
    return StepTaker(
        recoveries_table(),
        webhooks_table(),
        RecoverableDeliveries(database(), table=settings().deliveries_table),
        retry_queue(),
        webhook_paces(),
        recovery_queue(),
        settings().webhook_concurrency,
        environment.clock,
        rng(),
        timedelta(days=settings().retention_days),
    )
