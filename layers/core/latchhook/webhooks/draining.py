"""Releases the parked deliveries of a webhook, and the deliveries of its running recovery (decision 0012).

Each webhook with something to release has one drain: a chain of queue messages. A message is a step. It releases the
oldest parked deliveries, then deliveries of the recovery, as far as reservations are available, and sends the message
of the next step. The number of steps therefore depends on time and not on the number of deliveries.

The order of writes keeps a drain running:

- A delivery or a recovery is stored before a drain is started. A drain looks for both again after it has ended.
- Deliveries are sent before they are deleted, or before the recovery's progress is stored.
- The next message is in the queue before the step is recorded as taken.

A step that stops anywhere is repeated, and an attempt that is sent twice is made once. Several messages for one step
are possible, so a run claims the step before it works.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Protocol
from uuid import UUID

from latchhook.clock import Clock
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.ports import Webhooks
from latchhook.webhooks.rate_limiter import Release, reach_of
from latchhook.webhooks.webhook import Webhook

MOST_RELEASED = 500
"""The maximum number of parked deliveries that one step releases."""

FIRST_STEP_AFTER = timedelta(seconds=2)
"""Normally the drain is recorded within this time. A step that arrives earlier records it."""

CLAIMED_FOR = timedelta(seconds=40)
"""A run owns a step for this time, which is longer than the function's timeout."""

SHORTEST_PAUSE = timedelta(seconds=2)
"""The longest pause before the next step when more deliveries can be released at once."""

LONGEST_PAUSE = timedelta(minutes=14)
"""The longest pause before the next step. SQS delays a message by at most 15 minutes."""

PAUSE_FACTOR = 0.8, 1
"""The next step comes after a random part, within these bounds, of the time until more can be released.

Parked deliveries so get reservations before new tasks. Of two messages for one step, one is late and ends.
"""

MAX_IDLE_STEPS = 500_000
"""A drain ends after this many consecutive steps that released nothing, at least eleven days."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked delivery."""

    key: str
    """The item's key among the webhook's parked deliveries."""
    task: DeliveryTask
    until: datetime
    """The end of the event's retention."""


@dataclass(frozen=True, slots=True)
class DrainState:
    """The current step of a drain that runs, or the last step of a drain that has ended."""

    step: int
    is_running: bool


@dataclass(frozen=True, slots=True)
class DrainStep:
    """A queue message: take step `number` (from 0) of a webhook's drain, or the drain's current step."""

    account_id: str
    webhook_id: UUID
    number: int
    idle: int = 0
    """The number of consecutive steps before this step that released nothing."""


@dataclass(frozen=True, slots=True)
class Released:
    """The result of one source of a step: the number of released deliveries, and the time of the next look.

    `again_at` is None if the source is empty.
    """

    count: int = 0
    again_at: datetime | None = None


class ParkedDeliveries(Protocol):
    """The storage of parked deliveries and drains. All reads are strongly consistent."""

    def oldest(self, webhook_id: UUID, *, limit: int) -> Sequence[Parked]:
        """Return the oldest deliveries that wait for the drain, at most `limit`."""

    def delete(self, webhook_id: UUID, keys: Sequence[str]) -> None:
        """Delete these parked deliveries."""

    def state(self, webhook_id: UUID) -> DrainState | None:
        """Return the state of a webhook's drain, or None if it never ran."""

    def claim(self, webhook_id: UUID, at: DrainState | None, *, now: datetime, until: datetime) -> bool:
        """Claim the step of `at` until the time `until` or until `move`.

        Return False if the step is claimed already, or if the drain has another state.
        """

    def move(self, webhook_id: UUID, before: DrainState | None, after: DrainState, *, now: datetime) -> bool:
        """Record a new state. Return False if the state is no longer `before`."""


class Steps(Protocol):
    """The queue of steps."""

    def send(self, step: DrainStep, *, delay: timedelta) -> None:
        """Send the step so that it arrives after `delay`."""


class Recovering(Protocol):
    """Releases the deliveries of a webhook's running recovery (recovery_scan.py)."""

    def is_running(self, webhook_id: UUID) -> bool:
        """Return whether a recovery of the webhook runs, with a strongly consistent read."""

    def release(self, webhook_id: UUID, webhook: Webhook | None, now: datetime) -> Released:
        """Release some deliveries of the running recovery. Cancel it if the webhook cannot be called."""

    def cancel(self, webhook_id: UUID, now: datetime) -> None:
        """Cancel the running recovery, if any."""


@dataclass(frozen=True, slots=True)
class DrainStarter:
    """Starts drains."""

    parked: ParkedDeliveries
    steps: Steps

    def start(self, account_id: str, webhook_id: UUID, *, now: datetime) -> None:
        """Start a drain if it does not run. Its first message is sent before it is recorded: no drain lacks a message.

        A restarted drain continues the numbers of steps, so a late message of an earlier step has no effect.
        """
        at = self.parked.state(webhook_id)
        if at is None or not at.is_running:
            first = 0 if at is None else at.step + 1
            self.steps.send(DrainStep(account_id, webhook_id, first), delay=FIRST_STEP_AFTER)
            self.parked.move(webhook_id, at, DrainState(first, is_running=True), now=now)


@dataclass(frozen=True, slots=True)
class Drainer:
    """Takes the steps of drains."""

    starter: DrainStarter
    webhooks: Webhooks
    recovering: Recovering
    release: Release
    clock: Clock
    rng: Random

    def take(self, step: DrainStep) -> bool:
        """Take a step, and send the next step unless nothing is left to release.

        Return False if the drain ends at its limit, `MAX_IDLE_STEPS`. The next parked delivery starts it again. A
        running recovery is cancelled at this limit.
        """
        parked, now = self.starter.parked, self.clock()
        at = parked.state(step.webhook_id)
        if at is not None and at.step > step.number:
            return True
        if at == DrainState(step.number, is_running=False):
            if step.idle < MAX_IDLE_STEPS:
                self._start_again(step, now)  # the run that recorded the end may have stopped before it looked again
            return True
        if not parked.claim(step.webhook_id, at, now=now, until=now + CLAIMED_FOR):
            self.starter.steps.send(replace(step, idle=step.idle + 1), delay=CLAIMED_FOR)
            return True
        if step.idle >= MAX_IDLE_STEPS:
            self.recovering.cancel(step.webhook_id, now)
            self._end(step, at, now)
            return False
        webhook = self.webhooks.find_webhook(step.account_id, step.webhook_id)
        released = self._release(step, webhook, now)
        if released.again_at is None:
            self._end(step, at, now)
            self._start_again(step, now)
            return True
        following = replace(step, number=step.number + 1, idle=0 if released.count else step.idle + 1)
        self.starter.steps.send(following, delay=self._pause(released.again_at - now))
        parked.move(step.webhook_id, at, DrainState(following.number, is_running=True), now=now)
        return True

    def _release(self, step: DrainStep, webhook: Webhook | None, now: datetime) -> Released:
        """Release parked deliveries, and then deliveries of the recovery. A paused webhook releases nothing."""
        if webhook is not None and webhook.status == "paused":
            return Released()
        parked = self._release_parked(step.webhook_id, webhook, now)
        if parked.again_at is not None and parked.again_at > now:
            return parked  # no reservation is left for a recovery
        recovered = self.recovering.release(step.webhook_id, webhook, now)
        times = [each.again_at for each in (parked, recovered) if each.again_at is not None]
        return Released(parked.count + recovered.count, min(times, default=None))

    def _release_parked(self, webhook_id: UUID, webhook: Webhook | None, now: datetime) -> Released:
        """Release the oldest parked deliveries that get a reservation.

        If the webhook is no longer slow or rate-limited, or is disabled, all are released, and the worker of the slow
        queue decides about them. The deliveries of a deleted webhook are deleted.

        Parked deliveries reserve twice as far ahead as new tasks. The next look comes before new tasks could get the
        next free reservations, because until then new tasks are parked, too.
        """
        oldest = self.starter.parked.oldest(webhook_id, limit=MOST_RELEASED)
        if not oldest or webhook is None:
            self.starter.parked.delete(webhook_id, [each.key for each in oldest])
            return Released(len(oldest), now if oldest else None)
        waiting = {(each.task.delivery_id, each.task.attempt): each.task for each in oldest if each.until > now}
        reach = reach_of(webhook)
        sent, last = self.release.send(webhook, list(waiting.values()), now=now, until=now + 2 * reach)
        left = set(list(waiting)[sent:])
        gone = [each.key for each in oldest if (each.task.delivery_id, each.task.attempt) not in left]
        self.starter.parked.delete(webhook_id, gone)
        return Released(len(gone), now + reach if left else max(now, last - reach))

    def _end(self, step: DrainStep, at: DrainState | None, now: datetime) -> None:
        """Record the end. If the previous run records this step only now, the step is repeated."""
        if not self.starter.parked.move(step.webhook_id, at, DrainState(step.number, is_running=False), now=now):
            self.starter.steps.send(step, delay=SHORTEST_PAUSE)

    def _start_again(self, step: DrainStep, now: datetime) -> None:
        """Start the drain again if something was stored, or the webhook resumed, before the end was recorded."""
        webhook = self.webhooks.find_webhook(step.account_id, step.webhook_id)
        if webhook is not None and webhook.status == "paused":
            return
        if self.starter.parked.oldest(step.webhook_id, limit=1) or self.recovering.is_running(step.webhook_id):
            self.starter.start(step.account_id, step.webhook_id, now=now)

    def _pause(self, time: timedelta) -> timedelta:
        least, most = PAUSE_FACTOR
        return min(LONGEST_PAUSE, max(SHORTEST_PAUSE * self.rng.random(), time * self.rng.uniform(least, most)))
