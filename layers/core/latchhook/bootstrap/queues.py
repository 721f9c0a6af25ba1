"""The queues of events and deliveries."""

from functools import cache

from latchhook import aws
from latchhook.bootstrap import environment
from latchhook.bootstrap.environment import rng, settings
from latchhook.transport.queues import EventQueue
from latchhook.transport.task_queues import DeliveryQueue, RetryQueue, RetryTargets


@cache
def event_queue() -> EventQueue:
    """The queue of accepted events."""
    return EventQueue(aws.sqs(), url=settings().event_queue_url, rng=rng())


@cache
def delivery_queue() -> DeliveryQueue:
    """The fast queue, for first attempts."""
    return DeliveryQueue(aws.sqs(), url=settings().delivery_queue_url)


@cache
def retry_queue() -> RetryQueue:
    """The slow queue, for later attempts, with the schedules that fill it."""
    chosen = settings()
    return RetryQueue(
        aws.sqs,
        aws.scheduler,
        RetryTargets(
            queue_url=chosen.retry_queue_url,
            queue_arn=chosen.retry_queue_arn,
            dead_letter_queue_arn=chosen.retry_dead_letter_queue_arn,
            schedule_role_arn=chosen.retry_schedule_role_arn,
        ),
        environment.clock,
    )
