"""Parks attempts that exceed their webhook's rate so far that no reservation is available, and releases them later.

A parked task requests no further reservations. Each webhook with a backlog has a chain of steps. A step is a queue
message: it reserves times for the oldest tasks, sends these tasks to the slow queue, and sends the next step. The
number of steps therefore depends on time and not on the number of tasks in the backlog.

As with recoveries (recovery_steps.py), the order of writes keeps a chain running:

- A worker stores a task before it checks for a chain. A chain checks for new tasks once more after it has ended.
- Tasks are deleted from the backlog after they were sent.
- The next step is on the queue before the current step is recorded as taken.

A run that stops anywhere is repeated. Several workers that start a backlog at the same time send several messages for
one step, and only one of them is processed at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from random import Random
from typing import Protocol
from uuid import UUID

from latchhook.clock import Clock
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.pacing import Slots, guard_micros, reach_of, step_micros, with_slot
from latchhook.webhooks.webhook import Webhook

MOST_RELEASED = 500
"""The maximum number of tasks that one step releases."""

FIRST_STEP_AFTER = timedelta(seconds=2)
"""Normally the chain is recorded within this time. A step that arrives earlier records it."""

CLAIMED_FOR = timedelta(seconds=40)
"""A run owns a step for this time, which is longer than the function's timeout."""

SHORTEST_PAUSE = timedelta(seconds=2)
"""The longest pause before the next step when new tasks can already get reservations."""

COMES_AGAIN = 0.8, 1
"""The next step comes after a random part, within these bounds, of the time until new tasks could get reservations.

It comes before that time, so that older tasks get the reservations first.
"""


MOST_IDLE_STEPS = 100_000
"""A chain ends after this many consecutive steps that released nothing. The events of the backlog expire earlier."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task in a backlog."""

    task: DeliveryTask
    since: datetime
    """The time by which tasks are ordered. For a first attempt it is the acceptance of its event."""
    until: datetime
    """The end of the event's retention."""
    kept_at: datetime
    """The time of parking. A task that is parked again is a separate item, so that deleting one keeps the other."""


@dataclass(frozen=True, slots=True)
class ReleaseStep:
    """A queue message: take step `number` (from 0) of a webhook's chain, or the chain's current step."""

    account_id: str
    webhook_id: UUID
    number: int
    idle: int = 0
    """The number of consecutive steps before this step that released nothing."""


class Backlogs(Protocol):
    """The storage of backlogs."""

    def put(self, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        """Store tasks until the retention of their events ends."""

    def oldest(self, webhook_id: UUID, *, limit: int) -> Sequence[Waiting]:
        """Return the oldest tasks, at most `limit`, with a strongly consistent read."""

    def let_go(self, waiting: Sequence[Waiting]) -> None:
        """Delete these tasks."""

    def step(self, webhook_id: UUID) -> int | None:
        """Return the current step of a webhook's chain, or its `ended` number. None if it never had a chain.

        The read is strongly consistent.
        """

    def claim(self, webhook_id: UUID, at: int | None, *, now: datetime, until: datetime) -> bool:
        """Claim the current step `at` until the time `until` or until `advance`.

        Return False if the step is claimed already or is no longer the current step.
        """

    def advance(self, webhook_id: UUID, before: int | None, after: int, *, now: datetime) -> bool:
        """Record the current step of a chain. Return False if the chain is no longer at `before`."""


class Webhooks(Protocol):
    """The storage of webhooks."""

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        """Return a webhook of the account, or None, with a strongly consistent read."""


class Retries(Protocol):
    """The slow queue, in which tasks wait for their reservations."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Queue all tasks without delay. Raises `DependencyUnavailableError`."""

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        """Queue each task to arrive at its time, at most 15 minutes away. Raises `DependencyUnavailableError`."""


class Steps(Protocol):
    """The queue of steps."""

    def send(self, step: ReleaseStep, *, delay: timedelta) -> None:
        """Send the step so that it arrives after `delay`."""


def ended(number: int) -> int:
    """Return the position of a chain that has ended after step `number`: a negative number.

    A restarted chain continues the numbers, so no position is used twice. A late or repeated write can therefore never
    mark an ended chain as running.
    """
    return -1 - number


def _after(at: int | None) -> int:
    """Return the number of the next unused step."""
    if at is None:
        return 0
    return 1 + (at if at >= 0 else ended(at))


@dataclass(frozen=True, slots=True)
class BacklogKeeper:
    """Parks tasks without reservation."""

    backlogs: Backlogs
    steps: Steps

    def keep(self, webhook: Webhook, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        """Park a webhook's tasks until reservations are available. Raises `DependencyUnavailableError`."""
        self.backlogs.put(tasks, now=now)
        self.see_to(webhook.account_id, webhook.id, now=now)

    def see_to(self, account_id: str, webhook_id: UUID, *, now: datetime) -> None:
        """Start a chain if none runs. Its first step is queued before the chain is recorded: no chain lacks a step."""
        at = self.backlogs.step(webhook_id)
        if at is None or at < 0:
            first = _after(at)
            self.steps.send(ReleaseStep(account_id, webhook_id, first), delay=FIRST_STEP_AFTER)
            self.backlogs.advance(webhook_id, at, first, now=now)


@dataclass(frozen=True, slots=True)
class BacklogReleaser:
    """Releases backlogs step by step. `concurrency` is the number of simultaneous attempts of a slow webhook."""

    keeper: BacklogKeeper
    webhooks: Webhooks
    slots: Slots
    retries: Retries
    concurrency: int
    clock: Clock
    rng: Random

    def take(self, step: ReleaseStep) -> bool:
        """Take a step, and send the next step unless the backlog is empty.

        Return False if the chain ends at its limit, `MOST_IDLE_STEPS`. The webhook's next parked task starts a new
        chain.

        If the webhook is no longer slow or rate-limited, or is not active, its tasks are released at once, and the
        worker of the slow queue decides about them. The tasks of a deleted webhook are deleted.
        """
        backlogs, now = self.keeper.backlogs, self.clock()
        at = backlogs.step(step.webhook_id)
        if at is not None and at > step.number:
            return True
        if step.idle >= MOST_IDLE_STEPS:
            if at is not None and at >= 0:
                backlogs.advance(step.webhook_id, at, ended(at), now=now)
            return False
        waiting = backlogs.oldest(step.webhook_id, limit=MOST_RELEASED)
        if not waiting:
            self._end(step, at, now)
            return True
        if not backlogs.claim(step.webhook_id, at, now=now, until=now + CLAIMED_FOR):
            self.keeper.steps.send(replace(step, idle=step.idle + 1), delay=CLAIMED_FOR)
            return True
        webhook = self.webhooks.find_webhook(step.account_id, step.webhook_id)
        one_each = {(each.task.delivery_id, each.task.attempt): each.task for each in waiting if each.until > now}
        sent, again_at = self._send_on(webhook, list(one_each.values()), now)
        left = set(list(one_each)[sent:])
        released = [each for each in waiting if (each.task.delivery_id, each.task.attempt) not in left]
        backlogs.let_go(released)
        idle = 0 if released else step.idle + 1
        following = replace(step, number=max(step.number + 1, _after(at)), idle=idle)
        self.keeper.steps.send(following, delay=self._pause(again_at - now))
        backlogs.advance(step.webhook_id, at, following.number, now=now)
        return True

    def _send_on(self, webhook: Webhook | None, tasks: Sequence[DeliveryTask], now: datetime) -> tuple[int, datetime]:
        """Release tasks that get a reservation. Return their number and the time of the next step.

        From that time on, new tasks could get the next free reservations. Until then new tasks are parked.
        """
        pace = None
        if webhook is not None and webhook.status == "active":
            pace = step_micros(webhook, concurrency=self.concurrency)
        if webhook is None or pace is None or not tasks:
            if webhook is not None:
                self.retries.send(tasks)
            return len(tasks), now
        reach, guard = reach_of(webhook), guard_micros(webhook, tasks[0].missed_slots)
        alike = list(takewhile(lambda task: task.missed_slots == tasks[0].missed_slots, tasks))
        slots = self.slots.reserve(
            webhook.id, len(alike), step_micros=pace, guard_micros=guard, now=now, until=now + 2 * reach
        )
        going = list(zip(tasks, slots, strict=False))
        self.retries.plan_all([(with_slot(task, slot), slot) for task, slot in going])
        return len(going), now + reach if len(going) < len(alike) else slots[-1] - reach

    def _end(self, step: ReleaseStep, at: int | None, now: datetime) -> None:
        """End the chain of an empty backlog. Restart it if a worker has parked a task while the chain still ran."""
        if at is None or at < 0:
            return
        # The previous step's run may record this step only now. Then the chain ends from this step.
        while at is not None and 0 <= at <= step.number:
            if self.keeper.backlogs.advance(step.webhook_id, at, ended(at), now=now):
                break
            at = self.keeper.backlogs.step(step.webhook_id)
        if self.keeper.backlogs.oldest(step.webhook_id, limit=1):
            self.keeper.see_to(step.account_id, step.webhook_id, now=now)

    def _pause(self, time: timedelta) -> timedelta:
        """Return the pause until the next step.

        A fault can leave two chains. Because the pause is random, one of them is late and ends.
        """
        least, most = COMES_AGAIN
        return max(SHORTEST_PAUSE * self.rng.random(), time * self.rng.uniform(least, most))
