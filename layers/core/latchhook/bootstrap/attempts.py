"""Attempts of deliveries."""

from datetime import timedelta
from functools import cache

from latchhook.bootstrap import environment
from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.environment import rng, settings
from latchhook.bootstrap.queues import retry_queue
from latchhook.bootstrap.receivers import outbound_http
from latchhook.bootstrap.webhooks import secret_vault, webhooks_table
from latchhook.webhooks.attempts import AttemptMaker
from latchhook.webhooks.health import Health


@cache
def attempt_maker() -> AttemptMaker:
    """Makes attempts of deliveries."""
    return AttemptMaker(
        records=deliveries_table(),
        vault=secret_vault(),
        sender=outbound_http(),
        retries=retry_queue(),
        health=Health(webhooks_table(), rng()),
        clock=environment.clock,
        rng=rng(),
        header_prefix=settings().signature_header_prefix,
        schedule_seconds=settings().retry_schedule_seconds,
        event_retention=timedelta(days=settings().retention_days),
    )
