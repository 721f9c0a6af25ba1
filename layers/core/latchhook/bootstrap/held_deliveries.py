"""Parked deliveries of webhooks that are resumed."""

from functools import cache
from typing import TYPE_CHECKING

from latchhook import aws
from latchhook.bootstrap import environment
from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.queues import delivery_queue
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.storage.audit_items import audit_event_from_image
from latchhook.transport.queues import DeadLetters
from latchhook.webhooks.held_deliveries import Releaser

if TYPE_CHECKING:
    from latchhook.edge.system_events import EntryReader


@cache
def held_delivery_releaser() -> Releaser:
    """Releases the parked deliveries of a resumed webhook."""
    return Releaser(webhooks_table(), deliveries_table(), delivery_queue(), environment.clock)


@cache
def held_delivery_dead_letters() -> DeadLetters:
    """The dead-letter queue for resumed webhooks whose parked deliveries could not be released."""
    return DeadLetters(aws.sqs, url=settings().held_delivery_dead_letter_queue_url)


def audit_entry_reader() -> "EntryReader":
    """The function that builds audit entries from images of the table's stream."""
    return audit_event_from_image
