"""How fast attempts follow one another: a webhook's own rate limit, and the pace of a slow one (decision 0012).

A paced attempt has a slot. All slots of a batch are reserved in one write, spread evenly; a task goes to wait for its
slot with a mark and does not ask again, and one for which there is none within reach goes to its webhook's backlog
(backlog.py). Nothing is dropped.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from latchhook.clock import Clock
from latchhook.webhooks.attempts import Prepared
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.health import MIN_FAILURES
from latchhook.webhooks.webhook import Webhook

Lane = Literal["first", "second"]
"""Who works: `first` makes first attempts of webhooks that aren't slow; all else is the `second` one's."""

REACH = timedelta(minutes=7)
"""Slots are reserved no further ahead for new tasks; for those of a backlog, which come first, twice as far.

That is as far as a queue can delay a task (15 minutes, SQS), less what sending it may take.
"""
SLOW_REACH = timedelta(seconds=5)
"""The same for a slow webhook: it may be fast again in a moment, and what has its slot then waits for nothing."""
SOON = timedelta(seconds=1)
"""A slot that is no further off is waited for on the spot: a queue counts in whole seconds."""
LATE = timedelta(seconds=10)
"""A task that comes later than this after its slot asks for another one: after an outage all would come at once.

Twice as late each time, so that it is made also where the second lane never keeps up.
"""

MOST_MISSED_SLOTS = 16
"""A task that missed so many slots is made when it comes, however late: its chain of waits has an end."""


class Slots(Protocol):
    """Where the slots of webhooks are kept."""

    def reserve(
        self, webhook_id: UUID, count: int, *, step_micros: int, now: datetime, until: datetime
    ) -> Sequence[datetime]:
        """The next free slots, at most `count`, `step_micros` apart, none before `now` or after `until`."""


class SecondLane(Protocol):
    """Where tasks wait that are made later, or by the second lane."""

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]], *, now: datetime) -> None:
        """Has each task come back at its moment, at most 15 minutes away; raises `StoreUnavailableError`."""


class Backlog(Protocol):
    """Where tasks wait that have no slot."""

    def keep(self, webhook: Webhook, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        """Has a webhook's tasks made when there are slots for them; raises `StoreUnavailableError`."""


def step_micros(webhook: Webhook, *, concurrency: int) -> int | None:
    """The time that one attempt takes up; None where nothing bounds the pace.

    A slow webhook's is `concurrency` attempts in the seconds that one takes: so many are under way at once (rate times
    latency, Little's law). Where nothing but failures is known of it, it is one.
    """
    steps = []
    if webhook.rate_limit is not None:
        steps.append(webhook.rate_limit.step_micros)
    if webhook.slow_seconds is not None:
        steps.append(math.ceil(webhook.slow_seconds * 1_000_000 / (1 if _is_dead(webhook) else concurrency)))
    return max(steps, default=None)


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
class Pacer:
    """Says when attempts are made. `concurrency` is how many of a slow webhook's may be under way at once."""

    slots: Slots
    second_lane: SecondLane
    backlog: Backlog
    lane: Lane
    concurrency: int
    clock: Clock

    def admit(self, webhook: Webhook, tasks: Sequence[DeliveryTask]) -> Sequence[float | None]:
        """The seconds until each of a webhook's tasks is to be made here; None for one that has been sent to wait.

        Raises `StoreUnavailableError`; then all of them must come again.
        """
        step = step_micros(webhook, concurrency=self.concurrency)
        if step is None:
            return [0.0] * len(tasks)
        now = self.clock()
        tasks = [_in_time_or_asking(task, now) for task in tasks]
        asking = sum(not task.paced for task in tasks)
        until = now + reach_of(webhook)
        free = iter(self.slots.reserve(webhook.id, asking, step_micros=step, now=now, until=until) if asking else ())
        slots = [now if task.paced else next(free, None) for task in tasks]
        passed_on = self.lane == "first" and webhook.slow_seconds is not None
        waits = [
            None if passed_on or slot is None or slot - now > SOON else (slot - now).total_seconds() for slot in slots
        ]
        leaving = [(task, slot) for task, slot, wait in zip(tasks, slots, waits, strict=True) if wait is None]
        planned = [(with_slot(task, slot), slot) for task, slot in leaving if slot is not None]
        without = [task for task, slot in leaving if slot is None]
        if without:
            self.backlog.keep(webhook, without, now=now)
        if planned:
            self.second_lane.plan_all(planned, now=now)
        return waits


def _in_time_or_asking(task: DeliveryTask, now: datetime) -> DeliveryTask:
    """The task as it is, or without its slot if it comes too late for it."""
    if not task.paced or task.slot_at is None or task.missed_slots >= MOST_MISSED_SLOTS:
        return task
    if now - task.slot_at <= LATE * 2**task.missed_slots:
        return task
    return replace(task, paced=False, missed_slots=task.missed_slots + 1)
