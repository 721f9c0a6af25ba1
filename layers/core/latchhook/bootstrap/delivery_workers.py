"""The workers that make attempts."""

from functools import cache

from latchhook.bootstrap import environment
from latchhook.bootstrap.attempts import attempt_maker
from latchhook.bootstrap.backlogs import backlog_keeper, webhook_paces
from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.queues import retry_queue
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.attempt_threads import AttemptThreads
from latchhook.edge.delivery_batch import THREADS, DeliveryBatches
from latchhook.transport.task_queues import task_from_json
from latchhook.webhooks.pacing import Lane, Pacer
from latchhook.webhooks.slowness import Slowness


@cache
def delivery_batches(lane: Lane) -> DeliveryBatches:
    """Runs batches of delivery tasks."""
    chosen = settings()
    pacer = Pacer(webhook_paces(), retry_queue(), backlog_keeper(), lane, chosen.webhook_concurrency, environment.clock)
    return DeliveryBatches(
        attempt_maker(),
        deliveries_table(),
        task_from_json,
        pacer,
        Slowness(webhooks_table(), chosen.delivery_timeout_seconds),
        AttemptThreads(THREADS),
        timeout_seconds=chosen.delivery_timeout_seconds,
    )
