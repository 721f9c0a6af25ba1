"""The steps of a recovery: each looks at some deliveries, has those that it looks for attempted, and sends the next.

What keeps a recovery going is the order. The step after is on the queue before the job says that this one is taken, so
a job that runs always has a message with its own step or a later one. A run that stops anywhere is repeated by the
queue, from what the job says. Of two runs of one step the job takes one's word, and the other has changed nothing: a
delivery that both have sent is the same attempt, which is made once.
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
"""Attempts, or missed deliveries, that are read at once."""
MOST_SENT = 100
"""Attempts that one step has made at most."""
MOST_PAGES = 20
"""What one step reads at most, where there is little to send."""

STEP_EVERY = timedelta(seconds=2)
"""So a recovery has at most some fifty attempts a second made, and a cancelled one stops within seconds."""
AHEAD, SLOW_AHEAD = timedelta(minutes=1), timedelta(seconds=4)
"""So far ahead a step takes slots of a limited webhook, and of a slow one: less far than new tasks reach (pacing.py),
which have the slots after these, and none while there is a backlog."""
LONGEST_WAIT = timedelta(minutes=14)
"""Of a step for slots, a queue's delay."""

MOST_WAITS = 500_000
"""A recovery is cancelled when so many messages in a row found no free slot: eleven days or more without progress."""

TOO_LATE = timedelta(minutes=1)
"""A job that is not there by then never will be: whoever was to start it had ten seconds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A delivery as a recovery sees it."""

    delivery_id: UUID
    event_id: str
    attempts: int
    """The number of its newest; 0 for none."""
    failed: bool
    """Whether the newest did."""
    is_test: bool


@dataclass(frozen=True, slots=True)
class SeenPage:
    """Deliveries in the order of their events' acceptance, and whether there may be more after them."""

    deliveries: Sequence[Seen]
    more: bool


class Deliveries(Protocol):
    """What recoveries look at. The times are those of events' acceptance, both included."""

    def attempted(
        self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None, limit: int
    ) -> SeenPage:
        """A webhook's deliveries after one, out of at most `limit` attempts; each is seen with its newest."""

    def missed(self, webhook_id: UUID, *, since: datetime, until: datetime, after: UUID | None, limit: int) -> SeenPage:
        """At most `limit` deliveries after one that were not attempted when it was their time."""


class Recoveries(Protocol):
    """Where recoveries are kept."""

    def find(self, account_id: str, webhook_id: UUID, recovery_id: UUID) -> Recovery | None:
        """One of the webhook's recoveries, strongly consistent, or None."""

    def advance(self, before: Recovery, after: Recovery) -> bool:
        """Keeps how far it is; False if it is not at `before`'s step any more, or runs no more."""

    def finish(self, before: Recovery, after: Recovery, entry: AuditEntry) -> bool:
        """The same for its end, in one transaction with what says so."""

    def cancel(self, recovery: Recovery, entry: AuditEntry) -> bool:
        """Ends one that runs, wherever it stands; False if it runs no more."""


class Webhooks(Protocol):
    """Where webhooks are kept."""

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        """One webhook of the account, strongly consistent, or None."""


class Retries(Protocol):
    """Where later attempts wait, apart from what is new."""

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Has all tasks come now, or raises `DependencyUnavailableError`."""

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        """Has each task come back at its moment, at most 15 minutes away; raises `DependencyUnavailableError`."""


class Slots(Protocol):
    """Where the slots of webhooks are kept."""

    def next_free(self, webhook_id: UUID, *, step_micros: int, now: datetime) -> datetime:
        """The next free slot, strongly consistent; none is taken."""

    def reserve(
        self, webhook_id: UUID, count: int, *, step_micros: int, now: datetime, until: datetime
    ) -> Sequence[datetime]:
        """The next free slots, at most `count`, `step_micros` apart, none before `now` or after `until`."""


@dataclass(frozen=True, slots=True)
class _Pace:
    """How fast a webhook may be called, and until when slots are taken."""

    step_micros: int
    until: datetime


@dataclass(frozen=True, slots=True)
class StepTaker:
    """Takes steps of recoveries. `concurrency` is how many attempts of a slow webhook may be under way at once."""

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
    """How long an event is kept."""

    def take(self, step: Step) -> bool:
        """Takes a step, and sends the one after it if there is one.

        False if the recovery is cancelled at the bound of its chain, `MOST_WAITS`.

        A recovery that was cancelled stands still; one whose webhook is gone, disabled or without URL is cancelled.
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
        self.recoveries.finish(recovery, replace(further, status="finished", ended_at=now), entry)
        return True

    def _pace(self, webhook: Webhook, now: datetime) -> _Pace | None:
        """None where nothing bounds it: a webhook that is paused gets its deliveries when it is resumed."""
        step = step_micros(webhook, concurrency=self.concurrency) if webhook.status == "active" else None
        return None if step is None else _Pace(step, now + (AHEAD if webhook.slow_seconds is None else SLOW_AHEAD))

    def _send(self, webhook: Webhook, tasks: Sequence[DeliveryTask], pace: _Pace | None, now: datetime) -> None:
        """Has attempts made, each at its slot where there is a pace; whose slot others took meanwhile asks itself."""
        slots: Sequence[datetime] = ()
        if pace is not None and tasks:
            slots = self.slots.reserve(webhook.id, len(tasks), step_micros=pace.step_micros, now=now, until=pace.until)
            planned = [(with_slot(task, slot), slot) for task, slot in zip(tasks, slots, strict=False)]
            self.retries.plan_all(planned)
        self.retries.send(tasks[len(slots) :])

    def _look(self, recovery: Recovery, most: int, now: datetime) -> tuple[Recovery, Sequence[DeliveryTask], bool]:
        """How far the recovery is after its next step, what that sends, `most` at most, and whether it is the last."""
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
        """The deliveries before the first that would be one too many to send."""
        going = [at for at, each in enumerate(deliveries) if _is_wanted(each, further) and self._can_go(each, now)]
        return deliveries if len(going) <= room else deliveries[: going[room]]

    def _can_go(self, seen: Seen, now: datetime) -> bool:
        return seen.attempts < MAX_ATTEMPTS and accepted_at(seen.delivery_id) + self.retention > now


def _is_wanted(seen: Seen, recovery: Recovery) -> bool:
    if recovery.looks_for == "failed":
        return seen.failed and not seen.is_test
    return seen.attempts == 0


def _task(seen: Seen, recovery: Recovery) -> DeliveryTask:
    """The attempt after the newest: the one that may wait for its time already, so that it is made once.

    With it the webhook's retry schedule begins anew.
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
