"""Test deliveries."""

from functools import cache

from latchhook.bootstrap.attempts import attempt_maker
from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.environment import rng
from latchhook.bootstrap.event_types import event_types_table
from latchhook.webhooks.redelivery import Tester


@cache
def webhook_tester() -> Tester:
    """Sends test events."""
    return Tester(deliveries_table(), attempt_maker(), event_types_table(), rng())
