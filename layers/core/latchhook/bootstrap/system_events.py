"""Publication of system events about keys and webhooks."""

from functools import cache

from latchhook import aws
from latchhook.bootstrap import environment
from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.billing import billing_day_of
from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.queues import event_queue
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.storage.audit_items import audit_event_from_image
from latchhook.transport.queues import DeadLetters
from latchhook.workers.system_events import SystemEvents


@cache
def system_events() -> SystemEvents:
    """Publishes system events about keys and webhooks."""
    return SystemEvents(
        keys=api_keys_table(),
        webhooks=webhooks_table(),
        events=event_queue(),
        dead_letters=DeadLetters(aws.sqs, url=settings().system_event_dead_letter_queue_url),
        read=audit_event_from_image,
        clock=environment.clock,
        billing_day_of=billing_day_of,
    )
