"""The rate limiter for attempts: a webhook's own rate limit, and the limit for a slow webhook (decision 0012).

Each attempt of a limited webhook needs a reservation. One write reserves evenly spread times for all tasks of a batch.
A task with a later reservation waits in the slow queue and requests no other reservation. If no reservation is
available, the task is parked (parking.py). No task is dropped.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Literal, Protocol

from latchhook.clock import Clock
from latchhook.rates import RateLimit
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.health import MIN_FAILURES
from latchhook.webhooks.parking import Reason
from latchhook.webhooks.ports import Reservations, SlowQueue
from latchhook.webhooks.webhook import Webhook

_MICROSECOND = timedelta(microseconds=1)

Speed = Literal["fast", "slow"]
"""The queue of a worker. The fast queue is for first attempts of webhooks that are not slow. The slow queue is for all
other attempts."""

REACH = timedelta(minutes=7)
"""Reservations for new tasks are at most this far in the future, and twice as far for parked tasks.

Parked tasks come first. Twice this time is the longest delay of SQS (15 minutes) minus the time for sending.
"""
SLOW_REACH = timedelta(seconds=5)
"""The same for a slow webhook. It is short, because the webhook can become fast again before a later reservation."""
SOON = timedelta(seconds=1.25)
"""The worker itself waits for reservations within this time, because SQS delays by whole seconds and tasks come early.
"""
LATE = timedelta(seconds=10)
"""A task of a slow webhook without rate limit requests a new reservation if it is later than this.

The time doubles with each missed reservation, so that the attempt is made even if the slow queue is always late.
"""
LEAST_TOLERANCE, MOST_TOLERANCE = timedelta(seconds=0.25), timedelta(seconds=1)
"""The same for a webhook with a rate limit: an eighth of the limit's window, within these bounds.

`interval_micros` adds this time to the window, so that a call this late does not exceed the limit.
"""

MAX_MISSED_RESERVATIONS = 16
"""A task that missed this many reservations is made at once, so that it does not wait forever."""


class Parking(Protocol):
    """Parks deliveries that cannot be sent now."""

    def park(self, webhook: Webhook, tasks: Sequence[DeliveryTask], reason: Reason) -> None:
        """Park a webhook's tasks. Raises `DependencyUnavailableError`."""


def interval_micros(webhook: Webhook, *, concurrency: int) -> int | None:
    """Return the time between two reservations in microseconds, or None if the webhook is neither limited nor slow.

    With a rate limit, it is (window + tolerance) / limit. Calls are late by at most the tolerance, so the call after
    `limit` others is at least one window after the first of them. No window has more calls than the limit.

    For a slow webhook, it is its latency / `concurrency`, so that `concurrency` attempts run at the same time (Little's
    law: rate times latency). If the webhook's last attempts all failed, only one attempt runs at a time.
    """
    intervals = []
    if (limit := webhook.rate_limit) is not None:
        window = timedelta(seconds=limit.window_seconds) + _tolerance(limit)
        intervals.append(math.ceil(window / _MICROSECOND / limit.limit))
    if webhook.slow_seconds is not None:
        intervals.append(math.ceil(webhook.slow_seconds * 1_000_000 / (1 if _is_dead(webhook) else concurrency)))
    return max(intervals, default=None)


def guard_micros(webhook: Webhook, missed_reservations: int) -> int:
    """Return the extra time after a reservation, for the longer tolerance of a task that missed reservations."""
    if webhook.rate_limit is None:
        return 0
    return ((1 << missed_reservations) - 1) * (_tolerance(webhook.rate_limit) // _MICROSECOND)


def _tolerance(limit: RateLimit) -> timedelta:
    return min(MOST_TOLERANCE, max(LEAST_TOLERANCE, timedelta(seconds=limit.window_seconds) / 8))


def _may_be_late(webhook: Webhook, missed_reservations: int) -> timedelta:
    """Return how late after its reservation a task may be. The time doubles with each missed reservation."""
    return (LATE if webhook.rate_limit is None else _tolerance(webhook.rate_limit)) * (1 << missed_reservations)


def _is_dead(webhook: Webhook) -> bool:
    """Return whether the webhook has failed at least `MIN_FAILURES` times since its last success."""
    return webhook.failing_since is not None and webhook.failures >= MIN_FAILURES


def reach_of(webhook: Webhook) -> timedelta:
    """Return how far in the future times are reserved for a webhook's new tasks."""
    return REACH if webhook.slow_seconds is None else SLOW_REACH


@dataclass(frozen=True, slots=True)
class Admission:
    """The permission for this worker to make an attempt."""

    wait_seconds: float = 0.0
    not_after: datetime | None = None
    """The latest time of the call. None if a late call exceeds no limit."""


Postponed = Reason | Literal["queued"]
"""The reason why an attempt is not made now: it is parked, or `queued` until its reservation."""


@dataclass(frozen=True, slots=True)
class RateLimiter:
    """The rate limiter of a worker. `concurrency` is the number of simultaneous attempts of a slow webhook."""

    reservations: Reservations
    slow_queue: SlowQueue
    parking: Parking
    speed: Speed
    concurrency: int
    clock: Clock

    def admit(self, webhook: Webhook, tasks: Sequence[DeliveryTask]) -> Sequence[Admission | Postponed]:
        """Admit a webhook's tasks now, or queue or park them.

        Raises `DependencyUnavailableError`. Then all tasks must be repeated.
        """
        if webhook.status != "active":
            self.parking.park(webhook, tasks, webhook.status)
            return [webhook.status] * len(tasks)
        interval = interval_micros(webhook, concurrency=self.concurrency)
        if interval is None:
            return [Admission()] * len(tasks)
        now = self.clock()
        received = [_in_time_or_without_reservation(webhook, task, now) for task in tasks]
        tasks = self._reserve(webhook, received, interval, now)
        is_passed_on = self.speed == "fast" and webhook.slow_seconds is not None
        admitted = [
            _admission(webhook, task, now, is_passed_on=is_passed_on, was_queued=before.reserved_at is not None)
            for before, task in zip(received, tasks, strict=True)
        ]
        parked = [task for task, how in zip(tasks, admitted, strict=True) if how == "rate_limit"]
        queued = [task for task, how in zip(tasks, admitted, strict=True) if how == "queued"]
        if parked:
            self.parking.park(webhook, parked, "rate_limit")
        if queued:
            self.slow_queue.plan_all([(task, task.reserved_at or now) for task in queued])
        return admitted

    def _reserve(
        self, webhook: Webhook, tasks: Sequence[DeliveryTask], interval: int, now: datetime
    ) -> Sequence[DeliveryTask]:
        """Return the tasks with their reservations, as far as reservations are available.

        Each distinct number of missed reservations takes one write.
        """
        without = Counter(task.missed_reservations for task in tasks if task.reserved_at is None)
        free = {
            missed: iter(_reserve(self.reservations, webhook, count, interval, missed, now, now + reach_of(webhook)))
            for missed, count in sorted(without.items(), reverse=True)
        }
        return [
            replace(task, reserved_at=next(free[task.missed_reservations], None)) if task.reserved_at is None else task
            for task in tasks
        ]


@dataclass(frozen=True, slots=True)
class Release:
    """Sends waiting tasks to the slow queue. `concurrency` is the number of simultaneous attempts of a slow webhook."""

    reservations: Reservations
    slow_queue: SlowQueue
    concurrency: int

    def free(self, webhook: Webhook, *, most: int, now: datetime, until: datetime) -> tuple[int, datetime]:
        """Return the number of free reservations until `until`, at most `most`, and the time of the first."""
        interval = interval_micros(webhook, concurrency=self.concurrency)
        if interval is None:
            return most, now
        first = self.reservations.next_free(webhook.id, interval_micros=interval, now=now)
        count = (until - first) // timedelta(microseconds=interval) + 1
        return max(0, min(most, count)), first

    def send(
        self, webhook: Webhook, tasks: Sequence[DeliveryTask], *, now: datetime, until: datetime
    ) -> tuple[int, datetime]:
        """Send tasks in their order, each for its reservation until `until` if the webhook needs reservations.

        Return the number of sent tasks and the last reservation, or `now` without reservations. Tasks of a webhook that
        is not active are sent without reservations, because its attempts make no calls. One call sends only tasks with
        the same number of missed reservations.
        """
        interval = interval_micros(webhook, concurrency=self.concurrency) if webhook.status == "active" else None
        if interval is None or not tasks:
            self.slow_queue.send(tasks)
            return len(tasks), now
        missed = tasks[0].missed_reservations
        alike = list(takewhile(lambda task: task.missed_reservations == missed, tasks))
        times = _reserve(self.reservations, webhook, len(alike), interval, missed, now, until)
        reserved = [(replace(task, reserved_at=time), time) for task, time in zip(alike, times, strict=False)]
        self.slow_queue.plan_all(reserved)
        return len(reserved), times[-1] if times else now


def _reserve(
    reservations: Reservations,
    webhook: Webhook,
    count: int,
    interval: int,
    missed: int,
    now: datetime,
    until: datetime,
) -> Sequence[datetime]:
    """Reserve at most `count` times for tasks that missed the same number of reservations."""
    guard = guard_micros(webhook, missed)
    return reservations.reserve(webhook.id, count, interval_micros=interval, guard_micros=guard, now=now, until=until)


def _admission(
    webhook: Webhook, task: DeliveryTask, now: datetime, *, is_passed_on: bool, was_queued: bool
) -> Admission | Postponed:
    if task.reserved_at is None:
        return "rate_limit"
    if is_passed_on or task.reserved_at - now > SOON:
        return "queued"
    wait_seconds = max(0.0, (task.reserved_at - now).total_seconds())
    if task.missed_reservations >= MAX_MISSED_RESERVATIONS:
        return Admission(wait_seconds)
    if webhook.rate_limit is None:  # for a slow webhook a second does not matter, so a queued task does not wait again
        return Admission(0.0 if was_queued else wait_seconds)
    return Admission(wait_seconds, task.reserved_at + _may_be_late(webhook, task.missed_reservations))


def _in_time_or_without_reservation(webhook: Webhook, task: DeliveryTask, now: datetime) -> DeliveryTask:
    """Return the task. If it is too late for its reservation, return it without the reservation."""
    if task.reserved_at is None or task.missed_reservations >= MAX_MISSED_RESERVATIONS:
        return task
    is_late = now - task.reserved_at > _may_be_late(webhook, task.missed_reservations)
    return task.missing_reservation() if is_late else task
