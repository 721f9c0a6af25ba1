"""The table of backlogs and the queue of the steps that release them, in virtual time."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from latchhook.storage.database import BATCH_WRITE_LIMIT
from latchhook.transport.step_queues import release_step_to_json
from latchhook.webhooks.backlog import ReleaseStep, Waiting
from latchhook.webhooks.delivery import DeliveryTask
from tests.isolation.fair_queue import FairQueue
from tests.isolation.virtual_time import VirtualTime
from tests.samples import NOW

CALL_SECONDS = 0.02
"""The duration of a call to AWS."""

RETENTION = timedelta(days=30)
Place = tuple[datetime, UUID, int, datetime]


class Aws:
    """Counts of AWS calls by name, without the calls that a webhook without rate limit makes too."""

    def __init__(self, time: VirtualTime) -> None:
        self.calls: Counter[str] = Counter()
        self._time = time

    def call(self, name: str, times: int = 1) -> None:
        """Count the call and let its time pass."""
        self.calls[name] += times
        self._time.sleep(CALL_SECONDS * times)


class Backlogs:
    """The table of backlogs. `due` is the arrival time of each event in seconds, by delivery."""

    def __init__(self, aws: Aws, due: Mapping[str, float]) -> None:
        self._aws = aws
        self._due = due
        self._waiting: dict[UUID, dict[Place, Waiting]] = defaultdict(dict)
        self._chains: dict[UUID, int] = {}
        self._claimed_until: dict[UUID, datetime] = {}

    @property
    def waiting(self) -> int:
        """The number of tasks in backlogs."""
        return sum(map(len, self._waiting.values()))

    def put(self, tasks: Sequence[DeliveryTask], *, now: datetime) -> None:
        self._aws.call("BatchWriteItem", -(-len(tasks) // BATCH_WRITE_LIMIT))
        for each in tasks:
            is_first = each.trigger == "event" and each.attempt == 1
            since = NOW + timedelta(seconds=self._due[str(each.delivery_id)]) if is_first else now
            waiting = Waiting(each, since, since + RETENTION, now)
            self._waiting[each.webhook_id][_place(waiting)] = waiting

    def oldest(self, webhook_id: UUID, *, limit: int) -> Sequence[Waiting]:
        self._aws.call("Query")
        kept = self._waiting[webhook_id]
        return [kept[place] for place in sorted(kept)[:limit]]

    def let_go(self, waiting: Sequence[Waiting]) -> None:
        self._aws.call("BatchWriteItem", -(-len(waiting) // BATCH_WRITE_LIMIT))
        for each in waiting:
            self._waiting[each.task.webhook_id].pop(_place(each), None)

    def step(self, webhook_id: UUID) -> int | None:
        self._aws.call("GetItem")
        return self._chains.get(webhook_id)

    def claim(self, webhook_id: UUID, at: int | None, *, now: datetime, until: datetime) -> bool:
        self._aws.call("UpdateItem")
        if self._chains.get(webhook_id) != at or self._claimed_until.get(webhook_id, now) > now:
            return False
        self._claimed_until[webhook_id] = until
        return True

    def advance(self, webhook_id: UUID, before: int | None, after: int, *, now: datetime) -> bool:
        self._aws.call("UpdateItem")
        if self._chains.get(webhook_id) != before:
            return False
        self._claimed_until.pop(webhook_id, None)
        self._chains[webhook_id] = after
        return True


def _place(waiting: Waiting) -> Place:
    return waiting.since, waiting.task.delivery_id, waiting.task.attempt, waiting.kept_at


class Steps:
    """The queue of steps."""

    def __init__(self, aws: Aws, time: VirtualTime) -> None:
        self.queue = FairQueue(time)
        self._aws = aws

    def send(self, step: ReleaseStep, *, delay: timedelta) -> None:
        self._aws.call("SendMessage")
        body = release_step_to_json(step)
        self.queue.send(body, group=str(step.webhook_id), delay_seconds=int(delay.total_seconds()))
