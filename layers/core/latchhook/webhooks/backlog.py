"""Backlogs: attempts that are so far over their webhook's pace that there is no slot for them within reach.

A task comes here once and asks no more. For each webhook that has a backlog there is a chain of steps, each a message:
it reserves slots for what has waited longest, sends that on, and comes again. So what a backlog costs beside its own
attempts is bounded by time, however many tasks are in it.

What keeps a chain going is the order, as with recoveries (recovery_steps.py). A task is kept before its worker looks
whether there is a chain, and a chain looks once more after it has ended. What is sent on is let go after that, and the
step after is on the queue before it is written down that this one is taken. A run that stops anywhere is repeated; of
many messages for one step, as many workers that begin a backlog at once send, one is worked on at a time.
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
"""What one step sends on at most."""

FIRST_STEP_AFTER = timedelta(seconds=2)
"""By then it is written down that there is a chain, as a rule; a step that is early does that itself."""

CLAIMED_FOR = timedelta(seconds=40)
"""A step is one run's for so long: longer than Lambda lets it run."""

SHORTEST_PAUSE = timedelta(seconds=2)
"""Between two steps, at most, where new tasks can have slots already."""

COMES_AGAIN = 0.8, 1
"""A step comes after this part, at random, of the time until new tasks could have slots that older ones are to have."""


MOST_IDLE_STEPS = 100_000
"""A chain ends after so many steps in a row that released nothing: more than the events of a backlog are kept for."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task in a backlog."""

    task: DeliveryTask
    since: datetime
    """Its place: a first attempt's is that of its event's acceptance."""
    until: datetime
    """As long as its event is kept."""
    kept_at: datetime
    """Kept again it waits as another one, so that letting one go never loses the other."""


@dataclass(frozen=True, slots=True)
class ReleaseStep:
    """What a queue carries: take step number `number` (from 0) of a webhook's chain, or the one that it is at."""

    account_id: str
    webhook_id: UUID
    number: int
    idle: int = 0
    """How many steps in a row before this step released nothing."""


class Backlogs(Protocol):
    """Where backlogs are kept."""

    def put(self, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        """Keeps tasks as long as their events are kept."""

    def oldest(self, webhook_id: UUID, *, limit: int) -> Sequence[Waiting]:
        """What has waited longest, at most `limit`, strongly consistent."""

    def let_go(self, waiting: Sequence[Waiting]) -> None:
        """Keeps these no more."""

    def step(self, webhook_id: UUID) -> int | None:
        """The step that a webhook's chain is at, or `ended`, strongly consistent; None if there was none."""

    def claim(self, webhook_id: UUID, at: int | None, *, now: datetime, until: datetime) -> bool:
        """Takes the step that a chain is at until then, or `advance`; False if it is taken, or is another one."""

    def advance(self, webhook_id: UUID, before: int | None, after: int, *, now: datetime) -> bool:
        """Writes down where a chain is; False if it is not at `before` any more."""


class Webhooks(Protocol):
    """Where webhooks are kept."""

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        """One webhook of the account, strongly consistent, or None."""


class Retries(Protocol):
    """Where tasks wait for their slots."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Has all tasks come now, or raises `DependencyUnavailableError`."""

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        """Has each task come back at its moment, at most 15 minutes away; raises `DependencyUnavailableError`."""


class Steps(Protocol):
    """Where steps wait."""

    def send(self, step: ReleaseStep, *, delay: timedelta) -> None:
        """Has the step come after `delay`."""


def ended(number: int) -> int:
    """Where a chain is that has ended after step `number`: below zero.

    A chain that begins anew goes on counting. It is nowhere twice, so what is written late, or again after an answer
    was lost, never says of one that has ended meanwhile that it runs.
    """
    return -1 - number


def _after(at: int | None) -> int:
    """The step after all that were."""
    if at is None:
        return 0
    return 1 + (at if at >= 0 else ended(at))


@dataclass(frozen=True, slots=True)
class BacklogKeeper:
    """Keeps what has no slot."""

    backlogs: Backlogs
    steps: Steps

    def keep(self, webhook: Webhook, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        """Has a webhook's tasks made when there are slots for them; raises `DependencyUnavailableError`."""
        self.backlogs.put(tasks, now=now)
        self.see_to(webhook.account_id, webhook.id, now=now)

    def see_to(self, account_id: str, webhook_id: UUID, *, now: datetime) -> None:
        """Sees that there is a chain. Its first step is on the queue before it is written down: never one without."""
        at = self.backlogs.step(webhook_id)
        if at is None or at < 0:
            first = _after(at)
            self.steps.send(ReleaseStep(account_id, webhook_id, first), delay=FIRST_STEP_AFTER)
            self.backlogs.advance(webhook_id, at, first, now=now)


@dataclass(frozen=True, slots=True)
class BacklogReleaser:
    """Takes steps. `concurrency` is how many attempts of a slow webhook may be under way at once."""

    keeper: BacklogKeeper
    webhooks: Webhooks
    slots: Slots
    retries: Retries
    concurrency: int
    clock: Clock
    rng: Random

    def take(self, step: ReleaseStep) -> bool:
        """Takes a step, and sends the one after it unless the backlog is empty.

        False if the chain ends at its bound, `MOST_IDLE_STEPS`; the webhook's next task in the backlog begins another.

        What nothing bounds any more, its webhook being fast, unlimited or not active, is sent on at once; who makes the
        attempts knows what becomes of it. A deleted webhook's is let go.
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
        """Sends on what has slots; gives how many that are, and when the next step is to come.

        That is when new tasks could have the slots that are free after this: until then they go to the backlog.
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
        """The backlog is empty. Who put something in meanwhile may have seen that there was a chain."""
        if at is None or at < 0:
            return
        # The run of the step before may write its end only now: then the chain is at this step and ends from there.
        while at is not None and 0 <= at <= step.number:
            if self.keeper.backlogs.advance(step.webhook_id, at, ended(at), now=now):
                break
            at = self.keeper.backlogs.step(step.webhook_id)
        if self.keeper.backlogs.oldest(step.webhook_id, limit=1):
            self.keeper.see_to(step.account_id, step.webhook_id, now=now)

    def _pause(self, time: timedelta) -> timedelta:
        """Until the next step; at random, so that of two chains, which a fault can leave, one comes late and ends."""
        least, most = COMES_AGAIN
        return max(SHORTEST_PAUSE * self.rng.random(), time * self.rng.uniform(least, most))
