"""How fast attempts follow one another: a webhook's own rate limit, and the pace of a slow one (decision 0012).

A paced attempt has a slot. All slots of a batch are reserved in one write, spread evenly; a task goes to wait for its
slot with a mark and does not ask again, and one for which there is none within reach goes to its webhook's backlog
(backlog.py). Nothing is dropped.
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
"""Who works: `first` makes first attempts of webhooks that aren't slow; all else is the `second` one's."""

REACH = timedelta(minutes=7)
"""Slots are reserved no further ahead for new tasks; for those of a backlog, which come first, twice as far.

That is as far as a queue can delay a task (15 minutes, SQS), less what sending it may take.
"""
SLOW_REACH = timedelta(seconds=5)
"""The same for a slow webhook: it may be fast again in a moment, and what has its slot then waits for nothing."""
SOON = timedelta(seconds=1.25)
"""A slot that is no further off is waited for on the spot: a queue counts in whole seconds, and a task comes early."""
LATE = timedelta(seconds=10)
"""A task of a slow webhook without limit that comes later than this after its slot reserves another one.

Twice as late each time, so that the attempt is also made where the second lane never keeps up.
"""
LEAST_TOLERANCE, MOST_TOLERANCE = timedelta(seconds=0.25), timedelta(seconds=1)
"""The same for a webhook with a limit: an eighth of the limit's window, within these bounds.

Slots are so much further apart that a call this late breaks no window (`step_micros`).
"""

MOST_MISSED_SLOTS = 16
"""A task that missed so many slots is made when it comes, however late: its chain of waits has an end."""


class Slots(Protocol):
    """Where the slots of webhooks are kept."""

    def reserve(
        self, webhook_id: UUID, count: int, *, step_micros: int, guard_micros: int = 0, now: datetime, until: datetime
    ) -> Sequence[datetime]:
        """The next free slots, at most `count`, none before `now` or after `until`.

        They are `step_micros` and `guard_micros` apart; the next slot after them is as far.
        """


class SecondLane(Protocol):
    """Where tasks wait that are made later, or by the second lane."""

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        """Has each task come back at its moment, at most 15 minutes away; raises `DependencyUnavailableError`."""


class Backlog(Protocol):
    """Where tasks wait that have no slot."""

    def keep(self, webhook: Webhook, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        """Has a webhook's tasks made when there are slots for them; raises `DependencyUnavailableError`."""


def step_micros(webhook: Webhook, *, concurrency: int) -> int | None:
    """The time that one attempt takes up; None where nothing bounds the pace.

    A limit's window and tolerance are divided by the limit: of slots s with calls at most a tolerance late, the call
    after `limit` others is at least a window after the first of them. So no window has more calls than the limit.

    A slow webhook's is `concurrency` attempts in the seconds that one takes: so many are under way at once (rate times
    latency, Little's law). Where nothing but failures is known of it, it is one.
    """
    steps = []
    if (limit := webhook.rate_limit) is not None:
        window = timedelta(seconds=limit.window_seconds) + _tolerance(limit)
        steps.append(math.ceil(window / _MICROSECOND / limit.limit))
    if webhook.slow_seconds is not None:
        steps.append(math.ceil(webhook.slow_seconds * 1_000_000 / (1 if _is_dead(webhook) else concurrency)))
    return max(steps, default=None)


def guard_micros(webhook: Webhook, missed_slots: int) -> int:
    """What a slot needs after it, besides the step, for the longer tolerance of a task that has missed slots."""
    if webhook.rate_limit is None:
        return 0
    return ((1 << missed_slots) - 1) * (_tolerance(webhook.rate_limit) // _MICROSECOND)


def _tolerance(limit: RateLimit) -> timedelta:
    return min(MOST_TOLERANCE, max(LEAST_TOLERANCE, timedelta(seconds=limit.window_seconds) / 8))


def _may_be_late(webhook: Webhook, missed_slots: int) -> timedelta:
    """How long after its slot a task is made; twice as long for each slot that it has missed."""
    return (LATE if webhook.rate_limit is None else _tolerance(webhook.rate_limit)) * (1 << missed_slots)


def _is_dead(webhook: Webhook) -> bool:
    """Whether its last calls have failed, so many that health.py counts no further; one success changes it."""
    return webhook.failing_since is not None and webhook.failures >= MIN_FAILURES


def reach_of(webhook: Webhook) -> timedelta:
    """How far ahead slots are reserved for a webhook's new tasks."""
    return REACH if webhook.slow_seconds is None else SLOW_REACH


def called_webhook(prepared: Prepared) -> Webhook | None:
    """The webhook whose receiver is called when the attempt is made, None where none is: only calls are paced."""
    webhook = prepared.webhook
    if webhook is None or webhook.url is None or webhook.status != "active":
        return None
    return webhook if prepared.event is not None and prepared.made is None else None


def with_slot(task: DeliveryTask, slot: datetime) -> DeliveryTask:
    """The task as it waits for its slot."""
    return replace(task, paced=True, slot_at=slot)


@dataclass(frozen=True, slots=True)
class Admission:
    """An attempt that is made here."""

    wait_seconds: float = 0.0
    not_after: datetime | None = None
    """The latest moment of its call; None where lateness breaks no limit."""


@dataclass(frozen=True, slots=True)
class Pacer:
    """Says when attempts are made. `concurrency` is how many of a slow webhook's may be under way at once."""

    slots: Slots
    second_lane: SecondLane
    backlog: Backlog
    lane: Lane
    concurrency: int
    clock: Clock

    def admit(self, webhook: Webhook, tasks: Sequence[DeliveryTask]) -> Sequence[Admission | None]:
        """When each of a webhook's tasks is to be made here; None for a task that has been sent to wait.

        Raises `DependencyUnavailableError`; then all of them must come again.
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
        """Each task's slot, its own or a new one, or None. One write, and one more for each number of missed slots."""
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
    if webhook.rate_limit is None:  # a second early or late does not matter: nothing waits twice for a slow webhook
        return Admission(0.0 if task.paced else wait_seconds)
    return Admission(wait_seconds, slot + _may_be_late(webhook, task.missed_slots))


def _in_time_or_asking(webhook: Webhook, task: DeliveryTask, now: datetime) -> DeliveryTask:
    """The task as it is, or without its slot if it comes too late for it."""
    if not task.paced or task.slot_at is None or task.missed_slots >= MOST_MISSED_SLOTS:
        return task
    if now - task.slot_at <= _may_be_late(webhook, task.missed_slots):
        return task
    return missing_slot(task)
