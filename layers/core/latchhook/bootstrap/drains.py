"""The worker that releases parked deliveries and the deliveries of recoveries."""

from datetime import timedelta
from functools import cache

from latchhook.bootstrap import environment
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng, settings
from latchhook.bootstrap.parked_deliveries import drain_starter, parked_deliveries_table
from latchhook.bootstrap.queues import retry_queue
from latchhook.bootstrap.recoveries import recoveries_table
from latchhook.bootstrap.reservations import reservations_table
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.storage.recoverable_deliveries import RecoverableDeliveries
from latchhook.webhooks.draining import Drainer
from latchhook.webhooks.rate_limiter import Release
from latchhook.webhooks.recovery_scan import RecoveryScan


@cache
def drainer() -> Drainer:
    """Takes the steps of drains."""
    chosen = settings()
    release = Release(reservations_table(), retry_queue(), chosen.webhook_concurrency)
    recovering = RecoveryScan(
        recoveries_table(),
        RecoverableDeliveries(database(), parked_deliveries_table(), table=chosen.deliveries_table),
        release,
        rng(),
        timedelta(days=chosen.retention_days),
    )
    return Drainer(drain_starter(), webhooks_table(), recovering, release, environment.clock, rng())
