"""The rate limiter for attempts: a webhook's own rate limit, and the limit for a slow webhook (decision 0012).

Each attempt of a limited webhook needs a reservation. One write reserves evenly spread times for all tasks of a batch.
A task with a later reservation waits in the slow queue and requests no other reservation. If no reservation is
available, the task is parked in its webhook's backlog (backlog.py). No task is dropped.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from latchhook.clock import Clock
from latchhook.rates import RateLimit
from latchhook.webhooks.attempts import Prepared
from latchhook.webhooks.delivery import DeliveryTask, missing_slot
from latchhook.webhooks.health import MIN_FAILURES
from latchhook.webhooks.webhook import Webhook

_MICROSECOND = timedelta(microseconds=1)

Lane = Literal["first", "second"]
"""The queue of a worker: `first` is the fast queue, for first attempts of webhooks that are not slow. `second` is the
slow queue, for all other attempts."""

REACH = timedelta(minutes=7)
"""Reservations for new tasks are at most this far in the future, and twice as far for tasks of a backlog.

Tasks of a backlog come first. Twice this time is the longest delay of SQS (15 minutes) minus the time for sending.
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

`step_micros` adds this time to the window, so that a call this late does not exceed the limit.
"""

MOST_MISSED_SLOTS = 16
"""A task that missed this many reservations is made at once, so that it does not wait forever."""


class Slots(Protocol):
    """The storage of reservations."""

    def reserve(
        self, webhook_id: UUID, count: int, *, step_micros: int, guard_micros: int = 0, now: datetime, until: datetime
    ) -> Sequence[datetime]:
        """Reserve and return the next free times, at most `count`, between `now` and `until`.

        The times are `step_micros` plus `guard_micros` apart. The next reservation after them has the same distance.
        """


class SecondLane(Protocol):
    """The slow queue."""

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        """Queue each task to arrive at its time, at most 15 minutes away. Raises `DependencyUnavailableError`."""


class Backlog(Protocol):
    """Parks tasks without a reservation."""

    def keep(self, webhook: Webhook, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        """Park a webhook's tasks until reservations are available. Raises `DependencyUnavailableError`."""


def step_micros(webhook: Webhook, *, concurrency: int) -> int | None:
    """Return the time between two reservations in microseconds, or None if the webhook is neither limited nor slow.

    With a rate limit, it is (window + tolerance) / limit. Calls are late by at most the tolerance, so the call after
    `limit` others is at least one window after the first of them. No window has more calls than the limit.

    For a slow webhook, it is its latency / `concurrency`, so that `concurrency` attempts run at the same time (Little's
    law: rate times latency). If the webhook's last attempts all failed, only one attempt runs at a time.
    """
    steps = []
    if (limit := webhook.rate_limit) is not None:
        window = timedelta(seconds=limit.window_seconds) + _tolerance(limit)
        steps.append(math.ceil(window / _MICROSECOND / limit.limit))
    if webhook.slow_seconds is not None:
        steps.append(math.ceil(webhook.slow_seconds * 1_000_000 / (1 if _is_dead(webhook) else concurrency)))
    return max(steps, default=None)


def guard_micros(webhook: Webhook, missed_slots: int) -> int:
    """Return the extra time after a reservation, for the longer tolerance of a task that missed reservations."""
    if webhook.rate_limit is None:
        return 0
    return ((1 << missed_slots) - 1) * (_tolerance(webhook.rate_limit) // _MICROSECOND)


def _tolerance(limit: RateLimit) -> timedelta:
    return min(MOST_TOLERANCE, max(LEAST_TOLERANCE, timedelta(seconds=limit.window_seconds) / 8))


def _may_be_late(webhook: Webhook, missed_slots: int) -> timedelta:
    """Return how late after its reservation a task may be. The time doubles with each missed reservation."""
    return (LATE if webhook.rate_limit is None else _tolerance(webhook.rate_limit)) * (1 << missed_slots)


def _is_dead(webhook: Webhook) -> bool:
    """Return whether the webhook has failed at least `MIN_FAILURES` times since its last success."""
    return webhook.failing_since is not None and webhook.failures >= MIN_FAILURES


def reach_of(webhook: Webhook) -> timedelta:
    """Return how far in the future times are reserved for a webhook's new tasks."""
    return REACH if webhook.slow_seconds is None else SLOW_REACH


def called_webhook(prepared: Prepared) -> Webhook | None:
    """Return the webhook that the attempt calls, or None if it makes no call. Only calls need reservations."""
    webhook = prepared.webhook
    if webhook is None or webhook.url is None or webhook.status != "active":
        return None
    return webhook if prepared.event is not None and prepared.made is None else None


def with_slot(task: DeliveryTask, slot: datetime) -> DeliveryTask:
    """Return the task with a reservation."""
    return replace(task, paced=True, slot_at=slot)


@dataclass(frozen=True, slots=True)
class Admission:
    """The permission for this worker to make an attempt."""

    wait_seconds: float = 0.0
    not_after: datetime | None = None
    """The latest time of the call. None if a late call exceeds no limit."""


@dataclass(frozen=True, slots=True)
class Pacer:
    """The rate limiter. `concurrency` is the number of simultaneous attempts of a slow webhook."""

    slots: Slots
    second_lane: SecondLane
    backlog: Backlog
    lane: Lane
    concurrency: int
    clock: Clock

    def admit(self, webhook: Webhook, tasks: Sequence[DeliveryTask]) -> Sequence[Admission | None]:
        """Admit a webhook's tasks now, or queue or park them. The result has None for each task that must wait.

        Raises `DependencyUnavailableError`. Then all tasks must be repeated.
        """
        step = step_micros(webhook, concurrency=self.concurrency)
        if step is None:
            return [Admission()] * len(tasks)
        now = self.clock()
        tasks = [_in_time_or_asking(webhook, task, now) for task in tasks]
        slots = self._slots(webhook, tasks, step, now)
        is_passed_on = self.lane == "first" and webhook.slow_seconds is not None
        admitted = [
            None if is_passed_on or slot is None or slot - now > SOON else _admission(webhook, task, slot, now)
            for task, slot in zip(tasks, slots, strict=True)
        ]
        leaving = [(task, slot) for task, slot, here in zip(tasks, slots, admitted, strict=True) if here is None]
        planned = [(with_slot(task, slot), slot) for task, slot in leaving if slot is not None]
        without = [task for task, slot in leaving if slot is None]
        if without:
            self.backlog.keep(webhook, without, now=now)
        if planned:
            self.second_lane.plan_all(planned)
        return admitted

    def _slots(
        self, webhook: Webhook, tasks: Sequence[DeliveryTask], step: int, now: datetime
    ) -> Sequence[datetime | None]:
        """Return each task's reservation, an earlier or a new one, or None if none is available.

        Each distinct number of missed reservations takes one write.
        """
        until = now + reach_of(webhook)
        asking = Counter(task.missed_slots for task in tasks if not task.paced)
        free = {
            missed: iter(
                self.slots.reserve(
                    webhook.id,
                    count,
                    step_micros=step,
                    guard_micros=guard_micros(webhook, missed),
                    now=now,
                    until=until,
                )
            )
            for missed, count in sorted(asking.items(), reverse=True)
        }
        return [(task.slot_at or now) if task.paced else next(free[task.missed_slots], None) for task in tasks]


def _admission(webhook: Webhook, task: DeliveryTask, slot: datetime, now: datetime) -> Admission:
    wait_seconds = max(0.0, (slot - now).total_seconds())
    if task.missed_slots >= MOST_MISSED_SLOTS:
        return Admission(wait_seconds)
    if webhook.rate_limit is None:  # for a slow webhook a second does not matter, so a queued task does not wait again
        return Admission(0.0 if task.paced else wait_seconds)
    return Admission(wait_seconds, slot + _may_be_late(webhook, task.missed_slots))


def _in_time_or_asking(webhook: Webhook, task: DeliveryTask, now: datetime) -> DeliveryTask:
    """Return the task. If it is too late for its reservation, return it without the reservation."""
    if not task.paced or task.slot_at is None or task.missed_slots >= MOST_MISSED_SLOTS:
        return task
    if now - task.slot_at <= _may_be_late(webhook, task.missed_slots):
        return task
    return missing_slot(task)
