"""The workers that make attempts."""

from functools import cache

from latchhook.bootstrap import environment
from latchhook.bootstrap.attempts import attempt_maker
from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.parked_deliveries import drain_starter, parked_deliveries_table
from latchhook.bootstrap.queues import retry_queue
from latchhook.bootstrap.reservations import reservations_table
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.transport.task_queues import task_from_json
from latchhook.webhooks.parking import Parking
from latchhook.webhooks.rate_limiter import RateLimiter, Speed
from latchhook.webhooks.slowness import Slowness
from latchhook.workers.attempt_threads import AttemptThreads
from latchhook.workers.delivery_batch import THREADS, DeliveryBatches


@cache
def delivery_batches(speed: Speed) -> DeliveryBatches:
    """Runs batches of delivery tasks."""
    chosen = settings()
    parking = Parking(parked_deliveries_table(), webhooks_table(), drain_starter(), environment.clock)
    rate_limiter = RateLimiter(
        reservations_table(), retry_queue(), parking, speed, chosen.webhook_concurrency, environment.clock
    )
    return DeliveryBatches(
        attempt_maker(),
        deliveries_table(),
        task_from_json,
        rate_limiter,
        Slowness(webhooks_table(), chosen.delivery_timeout_seconds),
        AttemptThreads(THREADS),
        timeout_seconds=chosen.delivery_timeout_seconds,
    )
