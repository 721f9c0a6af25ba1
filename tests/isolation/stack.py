"""The fast queue, the slow queue and the drains in virtual time, with the real batches, rate limiter and attempts.

The queues (fair_queue.py), the table (parked.py) and the receivers (receivers.py) are simulated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from latchhook.audit import AuditEntry
from latchhook.transport.drain_queue import step_from_json
from latchhook.transport.task_queues import LEAD, task_from_json, task_to_json
from latchhook.webhooks.attempts import AttemptMaker, MadeAttempt, Prepared, made_attempt
from latchhook.webhooks.delivery import Attempt, DeliveryTask
from latchhook.webhooks.draining import Drainer, DrainStarter
from latchhook.webhooks.event import Event
from latchhook.webhooks.health import Health
from latchhook.webhooks.parking import Parking
from latchhook.webhooks.rate_limiter import RateLimiter, Release, Speed
from latchhook.webhooks.secrets import StoredSecret
from latchhook.webhooks.slowness import Slowness
from latchhook.webhooks.webhook import Webhook
from latchhook.workers.delivery_batch import DeliveryBatches
from latchhook.workers.queue_batch import each_record
from tests.isolation.fair_queue import FairQueue, poll
from tests.isolation.parked import CALL_SECONDS, Aws, NoRecoveries, ParkedDeliveries, Steps
from tests.isolation.receivers import DEADLINE_SECONDS, Receivers
from tests.isolation.virtual_time import VirtualTime
from tests.samples import event, task

CONCURRENCY = 10
"""The highest number of concurrent attempts of a slow webhook."""


_LATENESS = (0, 0, 0, 0, 0.05, 0.2, 0.4, 1.5, 12)
_DECRYPTING = (0, 0, 0, 0.02, 0.1, 0.4)
_TWICE = 0.1


class _EndedError(Exception):
    """The end of a run."""


class Stack:
    """A deployment with webhooks and receivers. `takes` returns the response time of a webhook's receiver in seconds.

    Without `has_slow_queue`, slow webhooks are treated like fast ones. Without `keeps_health`, failures are not
    recorded. With `disorder`, queues deliver some messages late or twice, and decrypting a secret takes time.
    """

    def __init__(
        self,
        webhooks: Sequence[Webhook],
        takes: Callable[[Webhook], float],
        *,
        has_slow_queue: bool = True,
        is_fair: bool = True,
        keeps_health: bool = False,
        polls: bool = True,
        maximum_concurrency: int = 40,
        disorder: Random | None = None,
    ) -> None:
        self.time = VirtualTime()
        self.aws = Aws(self.time)
        self.webhooks = {each.id: each for each in webhooks}
        self.made: dict[tuple[UUID, int], Attempt] = {}
        self.recorded = 0
        self.handed_out = 0
        """The number of tasks passed to workers."""
        self.writes: list[tuple[float, int]] = []
        """The time and the number of attempts of each write."""
        self.stalls: dict[UUID, float] = {}
        """The duration of a write by webhook, for slow writes."""
        self._keeps_health = keeps_health
        self._disorder = disorder
        self._concurrency = CONCURRENCY if has_slow_queue else 10**9
        self._events: dict[str, Event] = {}
        self._due: dict[str, float] = {}
        self._last_reserved: dict[UUID, datetime] = {}
        self._publishing = 0
        self._receivers = Receivers(self.time, self.webhooks, takes, self._due)
        self.calls = self._receivers.calls
        self.fast = FairQueue(self.time, is_fair=is_fair)
        self.slow = FairQueue(self.time, is_fair=is_fair)
        self.steps = Steps(self.aws, self.time)
        self.parked = ParkedDeliveries(self.aws, self._due)
        self._drains = DrainStarter(self.parked, self.steps)
        release = Release(self, self, self._concurrency)
        self._drainer = Drainer(self._drains, self, NoRecoveries(self.aws), release, self.time.clock, Random(5))
        self.fast_worker = self._batches("fast" if has_slow_queue else "slow")
        self.slow_worker = self._batches("slow")
        if polls:
            workers = (
                (self.fast, self.fast_worker.run, maximum_concurrency),
                (self.slow, self.slow_worker.run, maximum_concurrency),
                (self.steps.queue, self._drain, 10),
            )
            for queue, worker, most in workers:
                poll(self.time, queue, worker, maximum_concurrency=most, until=self._is_over)

    def _batches(self, speed: Speed) -> DeliveryBatches:
        maker = AttemptMaker(
            records=self,
            vault=self,
            sender=self._receivers,
            retries=self,
            health=Health(self, Random(2)),
            clock=self.time.clock,
            rng=Random(1),
            header_prefix="X-Latchhook",
            schedule_seconds=(),
        )
        parking = Parking(self.parked, self, self._drains, self.time.clock)
        return DeliveryBatches(
            maker,
            self,
            task_from_json,
            RateLimiter(self, self, parking, speed, self._concurrency, self.time.clock),
            Slowness(self, DEADLINE_SECONDS),
            self.time,
            timeout_seconds=DEADLINE_SECONDS,
        )

    def _drain(self, batch: Mapping[str, Any], _: Any) -> Mapping[str, Any]:
        def take(record: Mapping[str, Any]) -> None:
            assert self._drainer.take(step_from_json(record["body"]))

        return each_record(batch, take)

    def publish(self, webhook: Webhook, *, every_seconds: float, times: int, after: float = 0) -> None:
        """Publish `times` events for the webhook, one every `every_seconds`."""

        def come(number: int) -> None:
            self._come(self.fast, task(self._event(f"{webhook.id}-{after}-{number}"), webhook))

        self._repeat(come, every_seconds, times, after)

    def retry(self, webhook: Webhook, *, every_seconds: float, times: int, after: float = 0) -> None:
        """Plan `times` retries for the webhook, one every `every_seconds`."""

        def come(number: int) -> None:
            made = self._event(f"{webhook.id}-retry-{after}-{number}")
            self._come(self.slow, replace(task(made, webhook, attempt=2), trigger="retry"))

        self._repeat(come, every_seconds, times, after)

    def _repeat(self, come: Callable[[int], None], every_seconds: float, times: int, after: float) -> None:
        self._publishing += 1

        def send() -> None:
            for number in range(times):
                come(number)
                if every_seconds:
                    self.time.sleep(every_seconds)
            self._publishing -= 1

        self.time.start(send, after=after)

    def _event(self, event_id: str) -> Event:
        return self._events.setdefault(event_id, event(event_id))

    def _come(self, queue: FairQueue, of: DeliveryTask) -> None:
        self._due[str(of.delivery_id)] = self.time.seconds
        self._put(queue, of, delay_seconds=0, again_after=0)

    def _put(self, queue: FairQueue, of: DeliveryTask, *, delay_seconds: float, again_after: float) -> None:
        """Put a task on a queue. If it is delivered twice, the second copy is delayed by `again_after` more seconds."""
        body, group, disorder = task_to_json(of), str(of.webhook_id), self._disorder
        if disorder is None:
            queue.send(body, group=group, delay_seconds=delay_seconds)
            return
        queue.send(body, group=group, delay_seconds=delay_seconds + disorder.choice(_LATENESS))
        if disorder.random() < _TWICE:
            queue.send(body, group=group, delay_seconds=delay_seconds + again_after + disorder.choice(_LATENESS))

    def run(self) -> None:
        """Run until every event is delivered or has failed."""
        self.time.run()

    def run_until(self, seconds: float) -> None:
        """Run until this time, even if messages are left."""

        def end() -> None:
            raise _EndedError

        self.time.start(end, after=seconds)
        with pytest.raises(_EndedError):
            self.run()

    def batch(self, webhooks: Sequence[Webhook]) -> Mapping[str, Any]:
        """Return a batch of messages `m0`, `m1`, …, with one event per webhook."""
        tasks = [task(self._event(f"evt_{at}"), each) for at, each in enumerate(webhooks)]
        self._due |= {str(each.delivery_id): self.time.seconds for each in tasks}
        return {"Records": [{"messageId": f"m{at}", "body": task_to_json(each)} for at, each in enumerate(tasks)]}

    def _is_over(self) -> bool:
        return not (self._publishing or self.fast.left or self.slow.left or self.steps.queue.left)

    # ---- Reads and writes ----

    def prepare(self, tasks: Sequence[DeliveryTask]) -> Sequence[Prepared]:
        self.handed_out += len(tasks)
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

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        self.aws.call("GetItem")
        return self.webhooks.get(webhook_id)

    def note_latency(self, webhook: Webhook, slow_seconds: int | None) -> None:
        self.time.sleep(CALL_SECONDS)
        kept = self.webhooks[webhook.id]
        rises = slow_seconds is not None and (webhook.slow_seconds or 0) < slow_seconds
        if (kept.slow_seconds or 0) < (slow_seconds or 0) if rises else kept.slow_seconds == webhook.slow_seconds:
            self.webhooks[webhook.id] = replace(kept, slow_seconds=slow_seconds)

    def reserve(
        self,
        webhook_id: UUID,
        count: int,
        *,
        interval_micros: int,
        guard_micros: int = 0,
        now: datetime,
        until: datetime,
    ) -> Sequence[datetime]:
        self.aws.calls["UpdateItem"] += 2  # busy, as is usual: the first form of the update fails
        self.time.sleep(CALL_SECONDS)
        times: list[datetime] = []
        interval, guard = timedelta(microseconds=interval_micros), timedelta(microseconds=guard_micros)
        at = max(now, self._last_reserved.get(webhook_id, now - interval) + interval)
        while len(times) < count and at <= until:
            times.append(at)
            self._last_reserved[webhook_id] = at + guard
            at += interval + guard
        return times

    def next_free(self, webhook_id: UUID, *, interval_micros: int, now: datetime) -> datetime:
        raise AssertionError("no recovery runs here")

    def reveal(self, account_id: str, webhook_id: UUID, secret: StoredSecret) -> str:
        if self._disorder is not None:
            self.time.sleep(self._disorder.choice(_DECRYPTING))
        return "a secret of sixteen characters"

    def note_failure(self, webhook: Webhook, *, now: datetime) -> Webhook | None:
        if self._keeps_health:
            kept = self.webhooks[webhook.id]
            self.webhooks[webhook.id] = replace(kept, failing_since=now, failures=kept.failures + 1)
        return None

    def note_success(self, webhook: Webhook) -> None:
        assert self._keeps_health
        self.webhooks[webhook.id] = replace(self.webhooks[webhook.id], failing_since=None, failures=0)

    def note_failing(self, webhook: Webhook, entry: AuditEntry) -> None:
        raise AssertionError("no webhook here fails for long")

    def disable(self, webhook: Webhook, *, reason: str, as_of: datetime, entry: AuditEntry) -> None:
        raise AssertionError("no webhook here fails for long")

    # ---- Sent messages ----

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        now = self.time.clock()
        self.plan_all([(each, now) for each in tasks])

    def plan(self, task: DeliveryTask, *, due: datetime, now: datetime) -> None:
        self.plan_all([(task, due)])

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        self.aws.calls["SendMessageBatch"] += -(-len(tasks) // 10)
        self.time.sleep(CALL_SECONDS)
        for each, due in tasks:
            delay = max(0, (due - LEAD - self.time.clock()) // timedelta(seconds=1))
            assert delay <= 900
            # The copy arrives after the tolerance of the reservation. Decision 0012 explains the cases before that.
            self._put(self.slow, each, delay_seconds=delay, again_after=3)
