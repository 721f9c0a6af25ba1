"""The worker that starts drains after changes of webhooks."""

from functools import cache
from typing import TYPE_CHECKING

from latchhook import aws
from latchhook.bootstrap.environment import settings
from latchhook.storage.audit_items import audit_event_from_image
from latchhook.transport.queues import DeadLetters

if TYPE_CHECKING:
    from latchhook.workers.system_events import EntryReader


@cache
def drain_start_dead_letters() -> DeadLetters:
    """The dead-letter queue for changes of webhooks after which no drain could be started."""
    return DeadLetters(aws.sqs, url=settings().drain_start_dead_letter_queue_url)


def audit_entry_reader() -> "EntryReader":
    """The function that builds audit entries from images of the table's stream."""
    return audit_event_from_image
