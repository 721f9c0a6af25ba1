"""Takes the steps of a recovery. A step examines deliveries, queues failed or missing ones, and sends the next step.

The order of writes keeps a recovery running. The next step is queued before the current step is recorded as taken, so a
running recovery always has a message with its current step or a later step. If a run stops anywhere, the queue repeats
the step from the recorded progress. If two runs take the same step, the progress of only one is recorded. A delivery
that both have queued is the same attempt, which is made once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin
from latchhook.clock import Clock
from latchhook.identity.caller import system
from latchhook.webhooks.delivery import MAX_ATTEMPTS, DeliveryTask, accepted_at
from latchhook.webhooks.pacing import step_micros, with_slot
from latchhook.webhooks.recovery import KINDS, Recovery, Step, Steps, recovery_entry
from latchhook.webhooks.webhook import Webhook

PAGE = 50
"""The number of attempts or missed deliveries in one read."""
MOST_SENT = 100
"""The maximum number of deliveries that one step sends."""
MOST_PAGES = 20
"""The maximum number of reads in one step, if there is little to send."""

STEP_EVERY = timedelta(seconds=2)
"""The time between steps. It limits a recovery to about fifty attempts per second. A cancelled recovery stops within
seconds."""
AHEAD, SLOW_AHEAD = timedelta(minutes=1), timedelta(seconds=4)
"""A step reserves times at most this far in the future, for a rate-limited and for a slow webhook. New tasks reserve
times further in the future (pacing.py). While the webhook has a backlog, a step gets no reservations."""
LONGEST_WAIT = timedelta(minutes=14)
"""The longest delay of a step that waits for free reservations, because of SQS's limit."""

MOST_WAITS = 500_000
"""A recovery is cancelled after this many consecutive messages without a free reservation, at least eleven days."""

TOO_LATE = timedelta(minutes=1)
"""A recovery that is not stored within this time will never be stored: the request that starts it has ten seconds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The fields of a delivery that a recovery needs."""

    delivery_id: UUID
    event_id: str
    attempts: int
    """The number of the newest attempt, or 0."""
    failed: bool
    """Whether the newest attempt failed."""
    is_test: bool


@dataclass(frozen=True, slots=True)
class SeenPage:
    """Deliveries in the order of their events' acceptance, and whether more may follow."""

    deliveries: Sequence[Seen]
    more: bool


class Deliveries(Protocol):
    """The storage of deliveries. `since` and `until` are times of events' acceptance, both inclusive."""

    def attempted(
        self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None, limit: int
    ) -> SeenPage:
        """Return a webhook's deliveries after `after`, from at most `limit` attempts, each with its newest attempt."""

    def missed(self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None, limit: int) -> SeenPage:
        """Return at most `limit` deliveries after `after` that were missed when they were due."""


class Recoveries(Protocol):
    """The storage of recoveries."""

    def find(self, account_id: str, webhook_id: UUID, recovery_id: UUID) -> Recovery | None:
        """Return a recovery of the webhook, or None, with a strongly consistent read."""

    def advance(self, before: Recovery, after: Recovery) -> bool:
        """Record the progress. Return False if the recovery no longer runs or is no longer at the step of `before`."""

    def finish(self, before: Recovery, after: Recovery, entry: AuditEntry) -> bool:
        """Record the end and the audit entry in one transaction. Return False in the same cases as `advance`."""

    def cancel(self, recovery: Recovery, entry: AuditEntry) -> bool:
        """Cancel a running recovery at any step. Return False if it no longer runs."""


class Webhooks(Protocol):
    """The storage of webhooks."""

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        """Return a webhook of the account, or None, with a strongly consistent read."""


class Retries(Protocol):
    """The slow queue."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Queue all tasks without delay. Raises `DependencyUnavailableError`."""

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        """Queue each task to arrive at its time, at most 15 minutes away. Raises `DependencyUnavailableError`."""


class Slots(Protocol):
    """The storage of reservations."""

    def next_free(self, webhook_id: UUID, *, step_micros: int, now: datetime) -> datetime:
        """Return the next free time without reserving it, with a strongly consistent read."""

    def reserve(
        self, webhook_id: UUID, count: int, *, step_micros: int, now: datetime, until: datetime
    ) -> Sequence[datetime]:
        """Reserve and return the next free times, at most `count`, `step_micros` apart, between `now` and `until`."""


@dataclass(frozen=True, slots=True)
class _Pace:
    """The time between a webhook's reservations, and the latest reservation."""

    step_micros: int
    until: datetime


@dataclass(frozen=True, slots=True)
class StepTaker:
    """Takes steps of recoveries. `concurrency` is the number of simultaneous attempts of a slow webhook."""

    recoveries: Recoveries
    webhooks: Webhooks
    deliveries: Deliveries
    retries: Retries
    slots: Slots
    steps: Steps
    concurrency: int
    clock: Clock
    rng: Random
    retention: timedelta
    """The retention of events."""

    def take(self, step: Step) -> bool:
        """Take a step, and send the next step unless it is the last.

        Return False if the recovery is cancelled at the limit `MOST_WAITS`.

        A cancelled recovery takes no steps. If the webhook is deleted, disabled or without URL, the recovery is
        cancelled.
        """
        recovery = self.recoveries.find(step.account_id, step.webhook_id, step.recovery_id)
        now = self.clock()
        if recovery is None:
            if now - step.asked_at < TOO_LATE:
                self.steps.send(step, delay=STEP_EVERY)
            return True
        if recovery.status != "running" or recovery.step > step.number:
            return True
        origin = Origin(system(recovery.account_id, "recoveries"), "", "", now)
        webhook = self.webhooks.find_webhook(recovery.account_id, recovery.webhook_id)
        is_stuck = step.waits >= MOST_WAITS
        if is_stuck or webhook is None or webhook.url is None or webhook.status == "disabled":
            self.recoveries.cancel(recovery, recovery_entry(recovery, "cancelled", origin, rng=self.rng))
            return not is_stuck
        pace = self._pace(webhook, now)
        most = MOST_SENT
        if pace is not None:
            free_at = self.slots.next_free(webhook.id, step_micros=pace.step_micros, now=now)
            if free_at > pace.until:
                waiting = replace(step, waits=step.waits + 1)
                self.steps.send(waiting, delay=min(LONGEST_WAIT, max(STEP_EVERY, free_at - pace.until)))
                return True
            most = min(MOST_SENT, (pace.until - free_at) // timedelta(microseconds=pace.step_micros) + 1)
        further, tasks, ended = self._look(recovery, most, now)
        self._send(webhook, tasks, pace, now)
        if not ended:
            took_all = pace is not None and len(tasks) == most < MOST_SENT
            delay = (pace.until - now) / 2 if pace is not None and took_all else STEP_EVERY
            self.steps.send(replace(step, number=further.step, waits=0), delay=delay)
            self.recoveries.advance(recovery, further)
            return True
        counts = {"examined": further.examined, "sent": further.sent, "skipped": further.skipped}
        entry = recovery_entry(recovery, "finished", origin, rng=self.rng, details=counts)
        if not self.recoveries.finish(recovery, replace(further, status="finished", ended_at=now), entry):
            # The run of the previous step has recorded its progress in between. This message may be its next step.
            self.steps.send(step, delay=STEP_EVERY)
        return True

    def _pace(self, webhook: Webhook, now: datetime) -> _Pace | None:
        """Return the webhook's rate and its latest reservation, or None if the webhook is not limited.

        A paused webhook has no limit, because its deliveries are parked until it is resumed.
        """
        step = step_micros(webhook, concurrency=self.concurrency) if webhook.status == "active" else None
        return None if step is None else _Pace(step, now + (AHEAD if webhook.slow_seconds is None else SLOW_AHEAD))

    def _send(self, webhook: Webhook, tasks: Sequence[DeliveryTask], pace: _Pace | None, now: datetime) -> None:
        """Queue attempts, each for its reservation if the webhook is limited.

        If other tasks took reservations in the meantime, the tasks left over request reservations when they arrive.
        """
        slots: Sequence[datetime] = ()
        if pace is not None and tasks:
            slots = self.slots.reserve(webhook.id, len(tasks), step_micros=pace.step_micros, now=now, until=pace.until)
            planned = [(with_slot(task, slot), slot) for task, slot in zip(tasks, slots, strict=False)]
            self.retries.plan_all(planned)
        self.retries.send(tasks[len(slots) :])

    def _look(self, recovery: Recovery, most: int, now: datetime) -> tuple[Recovery, Sequence[DeliveryTask], bool]:
        """Return the progress after the next step, at most `most` tasks to send, and whether it is the last step."""
        tasks: list[DeliveryTask] = []
        further = replace(recovery, step=recovery.step + 1, updated_at=now)
        for _ in range(MOST_PAGES):
            look = self.deliveries.attempted if further.looks_for == "failed" else self.deliveries.missed
            page = look(
                recovery.webhook_id, since=recovery.since, until=recovery.until, after=further.after, limit=PAGE
            )
            seen = self._fitting(page.deliveries, further, most - len(tasks), now)
            wanted = [each for each in seen if _is_wanted(each, further)]
            can_go = [each for each in wanted if self._can_go(each, now)]
            tasks += [_task(each, recovery) for each in can_go]
            further = replace(
                further,
                after=seen[-1].delivery_id if seen else further.after,
                examined=further.examined + len(seen),
                sent=further.sent + len(can_go),
                skipped=further.skipped + len(wanted) - len(can_go),
            )
            if len(seen) < len(page.deliveries):
                break
            if not page.more:
                if recovery.only is not None or further.looks_for == KINDS[-1]:
                    return further, tasks, True
                further = replace(further, looks_for=KINDS[-1], after=None)
            if len(tasks) > max(0, most - PAGE):
                break
        return further, tasks, False

    def _fitting(self, deliveries: Sequence[Seen], further: Recovery, room: int, now: datetime) -> Sequence[Seen]:
        """Return the deliveries before the first delivery that would exceed `room`."""
        going = [at for at, each in enumerate(deliveries) if _is_wanted(each, further) and self._can_go(each, now)]
        return deliveries if len(going) <= room else deliveries[: going[room]]

    def _can_go(self, seen: Seen, now: datetime) -> bool:
        return seen.attempts < MAX_ATTEMPTS and accepted_at(seen.delivery_id) + self.retention > now


def _is_wanted(seen: Seen, recovery: Recovery) -> bool:
    if recovery.looks_for == "failed":
        return seen.failed and not seen.is_test
    return seen.attempts == 0


def _task(seen: Seen, recovery: Recovery) -> DeliveryTask:
    """Return the task of the next attempt. If a retry with this number is already planned, only one of them is made.

    The webhook's retry schedule restarts with this attempt.
    """
    return DeliveryTask(
        account_id=recovery.account_id,
        webhook_id=recovery.webhook_id,
        event_id=seen.event_id,
        delivery_id=seen.delivery_id,
        attempt=seen.attempts + 1,
        trigger="recover",
        uncounted=seen.attempts,
    )
