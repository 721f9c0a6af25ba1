"""The worker that counts attempts."""

from functools import cache

from latchhook import aws
from latchhook.bootstrap.environment import settings
from latchhook.bootstrap.stats import stats_table
from latchhook.storage.stats_table import attempt_from_image
from latchhook.transport.queues import DeadLetters
from latchhook.workers.attempt_counts import AttemptCounts


@cache
def attempt_counts() -> AttemptCounts:
    """Counts recorded attempts from the table's stream."""
    return AttemptCounts(
        counts=stats_table(),
        dead_letters=DeadLetters(aws.sqs, url=settings().count_dead_letter_queue_url),
        read=attempt_from_image,
    )
