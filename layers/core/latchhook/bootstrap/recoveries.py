"""Recoveries."""

from functools import cache

from latchhook import aws
from latchhook.bootstrap.audit_items import audit_items
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng, settings
from latchhook.storage.recoveries_table import RecoveriesTable
from latchhook.transport.step_queues import StepQueue, recovery_step_to_json
from latchhook.webhooks.recovery import Recoverer, Step


@cache
def recoveries_table() -> RecoveriesTable:
    """The table of recoveries."""
    return RecoveriesTable(
        database(),
        table=settings().deliveries_table,
        audit=audit_items(),
        retention_days=settings().retention_days,
    )


@cache
def recovery_queue() -> StepQueue[Step]:
    """The queue of recoveries' steps."""
    return StepQueue(aws.sqs, recovery_step_to_json, url=settings().recovery_queue_url)


@cache
def recoverer() -> Recoverer:
    """Starts and cancels recoveries."""
    return Recoverer(recoveries_table(), recovery_queue(), rng())
