"""Both lanes and the backlogs of webhooks, in virtual time; and the calls to AWS that all of it makes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from latchhook.edge.delivery_batch import DeliveryBatches
from latchhook.edge.queue_batch import each_record
from latchhook.storage.database import BATCH_WRITE_LIMIT
from latchhook.transport.step_queues import release_step_from_json, release_step_to_json
from latchhook.transport.task_queues import task_from_json, task_to_json
from latchhook.webhooks.attempts import AttemptMaker, Prepared
from latchhook.webhooks.backlog import BacklogKeeper, BacklogReleaser, ReleaseStep, Waiting
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.health import Health
from latchhook.webhooks.pacing import Lane, Pacer
from latchhook.webhooks.slowness import Slowness
from latchhook.webhooks.webhook import Webhook
from tests.isolation.fair_queue import FairQueue, poll
from tests.isolation.stack import CALL_SECONDS, DEADLINE_SECONDS, Stack
from tests.samples import NOW, event, task

RETENTION = timedelta(days=30)
Place = tuple[datetime, UUID, int, datetime]


class _EndedError(Exception):
    """It is over."""


class BackloggedStack(Stack):
    """The stack with backlogs; without them (`keeps_backlogs`) what has no slot asks again and again."""

    def __init__(
        self,
        webhooks: Sequence[Webhook],
        takes: Callable[[Webhook], float],
        *,
        keeps_backlogs: bool = True,
        keeps_health: bool = False,
        polls: bool = True,
        maximum_concurrency: int = 40,
    ) -> None:
        self.aws: Counter[str] = Counter()
        """Calls to AWS by name, but for those that a webhook without pace makes as well."""
        self.asked = 0
        """How often a task asked for a slot."""
        self.prepared = 0
        """How often a task was handed to a lane."""
        self.most_waiting = 0
        self._keeps_backlogs = keeps_backlogs
        self._keeps_health = keeps_health
        self._backlogs: dict[UUID, dict[Place, Waiting]] = defaultdict(dict)
        self._chains: dict[UUID, int] = {}
        super().__init__(webhooks, takes, polls=polls, maximum_concurrency=maximum_concurrency)
        self.steps = _Steps(self)
        self.keeper = BacklogKeeper(_Backlogs(self), self.steps)
        releaser = BacklogReleaser(self.keeper, self, self, self, 10, self.time.clock, Random(5))

        def release(batch: Mapping[str, Any], _: Any) -> Mapping[str, Any]:
            return each_record(batch, lambda record: releaser.take(release_step_from_json(record["body"])))

        if polls:
            poll(self.time, self.steps.queue, release, maximum_concurrency=10, until=self._is_over)

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
        keeper = self if self._keeps_backlogs else None
        pacer = Pacer(self, self, lane, concurrency, self.time.clock, Random(3), keeper)
        return DeliveryBatches(
            maker,
            self,
            task_from_json,
            pacer,
            Slowness(self, DEADLINE_SECONDS),
            self.time,
            timeout_seconds=DEADLINE_SECONDS,
        )

    def _is_over(self) -> bool:
        return super()._is_over() and not self.steps.queue.left

    @property
    def waiting(self) -> int:
        """How many tasks are in backlogs."""
        return sum(map(len, self._backlogs.values()))

    def find_webhook(self, account_id: str, webhook_id: UUID) -> Webhook | None:
        self.call("GetItem")
        return self.webhooks.get(webhook_id)

    def keep(self, webhook: Webhook, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        self.keeper.keep(webhook, tasks, now=now)

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        now = self.time.clock()
        self.plan_all([(each, now) for each in tasks], now=now)

    def note_failure(self, webhook: Webhook, *, now: datetime) -> Webhook | None:
        if self._keeps_health:
            kept = self.webhooks[webhook.id]
            self.webhooks[webhook.id] = replace(kept, failing_since=now, failures=kept.failures + 1)
        return None

    def note_success(self, webhook: Webhook) -> None:
        assert self._keeps_health
        self.webhooks[webhook.id] = replace(self.webhooks[webhook.id], failing_since=None, failures=0)

    def retry(self, webhook: Webhook, *, every_seconds: float, times: int, after: float = 0) -> None:
        """Has `times` later attempts come due for the webhook, one in `every_seconds`."""
        self._publishing += 1

        def send() -> None:
            for number in range(times):
                made = event(f"{webhook.id}-retry-{after}-{number}")
                self._events[made.id] = made
                sent = replace(task(made, webhook, attempt=2), trigger="retry")
                self._due[str(sent.delivery_id)] = self.time.seconds
                self.second.send(task_to_json(sent), group=str(webhook.id))
                self.time.sleep(every_seconds)
            self._publishing -= 1

        self.time.start(send, after=after)

    def run_until(self, seconds: float) -> None:
        """Until then, whatever waits."""

        def end() -> None:
            raise _EndedError

        self.time.start(end, after=seconds)
        with pytest.raises(_EndedError):
            self.run()

    def came_at(self, task: DeliveryTask) -> datetime:
        """When a task's event came."""
        return NOW + timedelta(seconds=self._due[str(task.delivery_id)])

    def call(self, name: str, times: int = 1) -> None:
        """Calls AWS."""
        self.aws[name] += times
        self.time.sleep(CALL_SECONDS * times)

    def prepare(self, tasks: Sequence[DeliveryTask]) -> Sequence[Prepared]:
        self.prepared += len(tasks)
        return super().prepare(tasks)

    def reserve(
        self, webhook_id: UUID, count: int, *, step_micros: int, now: datetime, until: datetime
    ) -> Sequence[datetime]:
        self.aws["UpdateItem"] += 2  # busy, as a rule: the first form fails
        self.asked += count
        return super().reserve(webhook_id, count, step_micros=step_micros, now=now, until=until)

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]], *, now: datetime) -> None:
        self.aws["SendMessageBatch"] += -(-len(tasks) // 10)
        super().plan_all(tasks, now=now)

    @property
    def backlogs(self) -> dict[UUID, dict[Place, Waiting]]:
        return self._backlogs

    @property
    def chains(self) -> dict[UUID, int]:
        return self._chains


class _Backlogs:
    """Backlogs as the table keeps them."""

    def __init__(self, stack: BackloggedStack) -> None:
        self._stack = stack
        self._claimed_until: dict[UUID, datetime] = {}

    def put(self, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        self._stack.call("BatchWriteItem", -(-len(tasks) // BATCH_WRITE_LIMIT))
        for each in tasks:
            since = self._stack.came_at(each) if each.trigger == "event" and each.attempt == 1 else now
            waiting = Waiting(each, since, since + RETENTION, now)
            self._stack.backlogs[each.webhook_id][_place(waiting)] = waiting
        self._stack.most_waiting = max(self._stack.most_waiting, self._stack.waiting)

    def oldest(self, webhook_id: UUID, *, limit: int) -> Sequence[Waiting]:
        self._stack.call("Query")
        kept = self._stack.backlogs[webhook_id]
        return [kept[place] for place in sorted(kept)[:limit]]

    def let_go(self, waiting: Sequence[Waiting]) -> None:
        self._stack.call("BatchWriteItem", -(-len(waiting) // BATCH_WRITE_LIMIT))
        for each in waiting:
            self._stack.backlogs[each.task.webhook_id].pop(_place(each), None)

    def step(self, webhook_id: UUID) -> int | None:
        self._stack.call("GetItem")
        return self._stack.chains.get(webhook_id)

    def claim(self, webhook_id: UUID, at: int | None, *, now: datetime, until: datetime) -> bool:
        self._stack.call("UpdateItem")
        if self._stack.chains.get(webhook_id) != at or self._claimed_until.get(webhook_id, now) > now:
            return False
        self._claimed_until[webhook_id] = until
        return True

    def advance(self, webhook_id: UUID, before: int | None, after: int | None, *, now: datetime) -> bool:
        self._stack.call("UpdateItem")
        if self._stack.chains.get(webhook_id) != before:
            return False
        self._claimed_until.pop(webhook_id, None)
        if after is None:
            self._stack.chains.pop(webhook_id, None)
        else:
            self._stack.chains[webhook_id] = after
        return True


def _place(waiting: Waiting) -> Place:
    return waiting.since, waiting.task.delivery_id, waiting.task.attempt, waiting.kept_at


class _Steps:
    """The queue of steps."""

    def __init__(self, stack: BackloggedStack) -> None:
        self._stack = stack
        self.queue = FairQueue(stack.time)
        self.sent = 0

    def send(self, step: ReleaseStep, *, delay: timedelta) -> None:
        self._stack.call("SendMessage")
        self.sent += 1
        body = release_step_to_json(step)
        self.queue.send(body, group=str(step.webhook_id), delay_seconds=int(delay.total_seconds()))
