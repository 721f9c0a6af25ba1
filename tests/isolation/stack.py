"""Both lanes in virtual time: the real batches, pacer and attempts between queues as AWS has them and receivers."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from latchhook.audit import AuditEntry
from latchhook.edge.delivery_batch import DeliveryBatches
from latchhook.transport.task_queues import task_from_json, task_to_json
from latchhook.webhooks.attempts import AttemptMaker, MadeAttempt, Prepared, made_attempt
from latchhook.webhooks.delivery import Attempt, DeliveryTask
from latchhook.webhooks.event import Event
from latchhook.webhooks.health import Health
from latchhook.webhooks.outcome import HttpOutcome, Timings
from latchhook.webhooks.pacing import Lane, Pacer
from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.slowness import Slowness
from latchhook.webhooks.webhook import Webhook
from tests.isolation.fair_queue import FairQueue, poll
from tests.isolation.virtual_time import VirtualTime
from tests.samples import event, task

DEADLINE_SECONDS = 15.0
CALL_SECONDS = 0.02
"""What a call to AWS takes."""


@dataclass
class Calls:
    """What a receiver has seen."""

    began: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    """How long after it could have been made, each in seconds."""
    running: int = 0
    most_at_once: int = 0


class Stack:
    """One deployment with webhooks and receivers; each answers as long after as `takes` says of its webhook."""

    def __init__(
        self,
        webhooks: Sequence[Webhook],
        takes: Callable[[Webhook], float],
        *,
        has_lanes: bool = True,
        is_fair: bool = True,
        polls: bool = True,
        maximum_concurrency: int = 40,
    ) -> None:
        self.time = VirtualTime()
        self.webhooks = {each.id: each for each in webhooks}
        self.calls: dict[UUID, Calls] = defaultdict(Calls)
        self.made: dict[tuple[UUID, int], Attempt] = {}
        self.recorded = 0
        self.writes: list[tuple[float, int]] = []
        """When attempts were recorded, and how many at once."""
        self.stalls: dict[UUID, float] = {}
        """How long it takes to record a webhook's attempts, where it takes long."""
        self._takes = takes
        self._by_url = {each.url: each.id for each in webhooks}
        self._events: dict[str, Event] = {}
        self._due: dict[str, float] = {}
        self._last_slot: dict[UUID, datetime] = {}
        self._publishing = 0
        self.first = FairQueue(self.time, is_fair=is_fair)
        self.second = FairQueue(self.time, is_fair=is_fair)
        self.first_lane = self._batches("first" if has_lanes else "second", concurrency=10 if has_lanes else 10**9)
        self.second_lane = self._batches("second", concurrency=10 if has_lanes else 10**9)
        if polls:
            for queue, batches in ((self.first, self.first_lane), (self.second, self.second_lane)):
                poll(self.time, queue, batches.run, maximum_concurrency=maximum_concurrency, until=self._is_over)

    def _batches(self, lane: Lane, *, concurrency: int) -> DeliveryBatches:
        maker = AttemptMaker(
            records=self,
            vault=self,
            sender=self,
            retries=self,
            health=Health(self, Random(2)),
            clock=self.time.clock,
            rng=Random(1),
            header_prefix="X-Latchhook",
            schedule_seconds=(),
        )
        pacer = Pacer(self, self, lane, concurrency, self.time.clock, Random(3))
        return DeliveryBatches(
            maker,
            self,
            task_from_json,
            pacer,
            Slowness(self, DEADLINE_SECONDS),
            self.time,
            timeout_seconds=DEADLINE_SECONDS,
        )

    def publish(self, webhook: Webhook, *, every_seconds: float, times: int, after: float = 0) -> None:
        """Has `times` events come for the webhook, one in `every_seconds`."""
        self._publishing += 1

        def send() -> None:
            for number in range(times):
                made = event(f"{webhook.id}-{after}-{number}")
                self._events[made.id] = made
                sent = task(made, webhook)
                self._due[str(sent.delivery_id)] = self.time.seconds
                self.first.send(task_to_json(sent), group=str(webhook.id))
                if every_seconds:
                    self.time.sleep(every_seconds)
            self._publishing -= 1

        self.time.start(send, after=after)

    def run(self) -> None:
        """Until every event was delivered or has failed."""
        self.time.run()

    def batch(self, webhooks: Sequence[Webhook]) -> Mapping[str, Any]:
        """A batch with an event of its own for each of the webhooks; messages are `m0`, `m1`, …"""
        events = [event(f"evt_{at}") for at in range(len(webhooks))]
        self._events |= {made.id: made for made in events}
        tasks = [task(made, each) for made, each in zip(events, webhooks, strict=True)]
        self._due |= {str(each.delivery_id): self.time.seconds for each in tasks}
        return {"Records": [{"messageId": f"m{at}", "body": task_to_json(each)} for at, each in enumerate(tasks)]}

    def _is_over(self) -> bool:
        return not (self._publishing or self.first.left or self.second.left)

    # ---- What is read and kept ----

    def prepare(self, tasks: Sequence[DeliveryTask]) -> Sequence[Prepared]:
        self.time.sleep(CALL_SECONDS)
        return [
            Prepared(self.webhooks[each.webhook_id], self._events[each.event_id], self._kept(each)) for each in tasks
        ]

    def _kept(self, of: DeliveryTask) -> MadeAttempt | None:
        made = self.made.get((of.delivery_id, of.attempt))
        return None if made is None else MadeAttempt(made.response_status, made.next_attempt_at, made.attempted_at)

    def record(self, attempts: Sequence[Attempt]) -> Sequence[MadeAttempt]:
        self.writes.append((self.time.seconds, len(attempts)))
        self.time.sleep(max(self.stalls.get(each.task.webhook_id, CALL_SECONDS) for each in attempts))
        for each in attempts:
            self.recorded += self.made.setdefault((each.task.delivery_id, each.task.attempt), each) is each
        return [made_attempt(each) for each in attempts]

    def note_latency(self, webhook: Webhook, slow_seconds: int | None) -> None:
        self.time.sleep(CALL_SECONDS)
        kept = self.webhooks[webhook.id]
        rises = slow_seconds is not None and (webhook.slow_seconds or 0) < slow_seconds
        if (kept.slow_seconds or 0) < (slow_seconds or 0) if rises else kept.slow_seconds == webhook.slow_seconds:
            self.webhooks[webhook.id] = replace(kept, slow_seconds=slow_seconds)

    def reserve(
        self, webhook_id: UUID, count: int, *, step_micros: int, now: datetime, until: datetime
    ) -> Sequence[datetime]:
        self.time.sleep(CALL_SECONDS)
        slots: list[datetime] = []
        step = timedelta(microseconds=step_micros)
        at = max(now, self._last_slot.get(webhook_id, now - step) + step)
        while len(slots) < count and at <= until:
            slots.append(at)
            self._last_slot[webhook_id] = at
            at += step
        return slots

    def hold(self, task: DeliveryTask, event: Event, *, hold_id: UUID) -> bool:
        raise AssertionError("no webhook here is paused")

    def miss(self, tasks: Sequence[DeliveryTask]) -> None:
        raise AssertionError("no webhook here is disabled")

    def reveal(self, account_id: str, webhook_id: UUID, secret: StoredSecret) -> str:
        return "a secret of sixteen characters"

    def note_failure(self, webhook: Webhook, *, now: datetime) -> Webhook | None:
        return None

    def note_success(self, webhook: Webhook) -> None:
        raise AssertionError("no failure is kept here")

    def note_failing(self, webhook: Webhook, entry: AuditEntry) -> None:
        raise AssertionError("no failure is kept here")

    def disable(self, webhook: Webhook, *, reason: str, as_of: datetime, entry: AuditEntry) -> None:
        raise AssertionError("no failure is kept here")

    # ---- What goes out ----

    def plan(self, task: DeliveryTask, *, due: datetime, now: datetime) -> None:
        self.plan_all([(task, due)], now=now)

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]], *, now: datetime) -> None:
        self.time.sleep(CALL_SECONDS)
        for each, due in tasks:
            delay = max(0, -(-(due - now) // timedelta(seconds=1)))
            assert delay <= 900
            self.second.send(task_to_json(each), group=str(each.webhook_id), delay_seconds=delay)

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpOutcome:
        webhook = self.webhooks[self._by_url[url]]
        calls, takes = self.calls[webhook.id], self._takes(webhook)
        calls.began.append(self.time.seconds)
        calls.waited.append(self.time.seconds - self._due[headers["webhook-id"]])
        calls.running += 1
        calls.most_at_once = max(calls.most_at_once, calls.running)
        self.time.sleep(min(takes, DEADLINE_SECONDS))
        calls.running -= 1
        if takes > DEADLINE_SECONDS:
            return HttpOutcome(None, error="No answer", timings=Timings(total=DEADLINE_SECONDS * 1000))
        return HttpOutcome(200, timings=Timings(total=takes * 1000))


def most_in_any(window_seconds: float, moments: Sequence[float]) -> int:
    """The most moments that lie within one window of that length."""
    ordered = sorted(moments)
    most = start = 0
    for end, moment in enumerate(ordered):
        while ordered[start] <= moment - window_seconds + 1e-6:
            start += 1
        most = max(most, end - start + 1)
    return most
