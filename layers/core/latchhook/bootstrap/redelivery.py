"""Retries of deliveries on request."""

from functools import cache

from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.queues import retry_queue
from latchhook.webhooks.redelivery import Redeliverer


@cache
def redeliverer() -> Redeliverer:
    """Retries deliveries on request."""
    return Redeliverer(deliveries_table(), retry_queue())
