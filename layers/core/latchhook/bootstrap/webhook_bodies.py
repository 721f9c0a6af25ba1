"""Bodies of requests that create or change webhooks."""

from functools import cache

from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.receivers import endpoint_checker
from latchhook.edge.webhook_bodies import WebhookBodies


@cache
def webhook_bodies() -> WebhookBodies:
    """Reads and checks the bodies of requests about webhooks."""
    return WebhookBodies(endpoint_checker(), header_prefix=settings().signature_header_prefix)
