"""Management of webhooks."""

from functools import cache

from latchhook.bootstrap.environment import rng, settings
from latchhook.bootstrap.webhooks import secret_vault, webhooks_table
from latchhook.webhooks.changing import WebhookEditor
from latchhook.webhooks.registering import WebhookRegistry


@cache
def webhook_registry() -> WebhookRegistry:
    """Registers webhooks."""
    return WebhookRegistry(store=webhooks_table(), editor=webhook_editor(), vault=secret_vault(), rng=rng())


@cache
def webhook_editor() -> WebhookEditor:
    """Changes webhooks."""
    return WebhookEditor(webhooks_table(), secret_vault(), rng(), settings().retry_schedule_seconds)
