"""Parked deliveries and the start of drains."""

from functools import cache

from latchhook import aws
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import settings
from latchhook.storage.parked_deliveries import ParkedDeliveriesTable
from latchhook.transport.drain_queue import DrainQueue
from latchhook.webhooks.draining import DrainStarter


@cache
def parked_deliveries_table() -> ParkedDeliveriesTable:
    """The table of parked deliveries and drains."""
    chosen = settings()
    return ParkedDeliveriesTable(database(), table=chosen.deliveries_table, retention_days=chosen.retention_days)


@cache
def drain_starter() -> DrainStarter:
    """Starts drains."""
    return DrainStarter(parked_deliveries_table(), DrainQueue(aws.sqs, url=settings().drain_queue_url))
