"""Webhooks' backlogs: deliveries over the rate limit."""

from functools import cache

from latchhook import aws
from latchhook.bootstrap import environment
from latchhook.bootstrap.database import database
from latchhook.bootstrap.environment import rng, settings
from latchhook.bootstrap.queues import retry_queue
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.storage.backlogs_table import BacklogsTable
from latchhook.storage.webhook_paces import WebhookPaces
from latchhook.transport.step_queues import StepQueue, release_step_to_json
from latchhook.webhooks.backlog import BacklogKeeper, BacklogReleaser


@cache
def webhook_paces() -> WebhookPaces:
    """The reservations of webhooks' attempts."""
    return WebhookPaces(database(), table=settings().deliveries_table)


@cache
def backlog_keeper() -> BacklogKeeper:
    """Stores deliveries over the rate limit."""
    chosen = settings()
    backlogs = BacklogsTable(database(), table=chosen.deliveries_table, retention_days=chosen.retention_days)
    return BacklogKeeper(backlogs, StepQueue(aws.sqs, release_step_to_json, url=chosen.backlog_queue_url))


@cache
def backlog_releaser() -> BacklogReleaser:
    """Runs the steps that release webhooks' backlogs."""
    chosen = settings()
    return BacklogReleaser(
        backlog_keeper(),
        webhooks_table(),
        webhook_paces(),
        retry_queue(),
        chosen.webhook_concurrency,
        environment.clock,
        rng(),
    )
