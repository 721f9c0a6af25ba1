"""Parked deliveries and the queue of the steps of their drains, in virtual time."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from latchhook.storage.database import BATCH_WRITE_LIMIT
from latchhook.transport.drain_queue import step_to_json
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.draining import DrainState, DrainStep, Parked, Released
from latchhook.webhooks.parking import Reason
from latchhook.webhooks.webhook import Webhook
from tests.isolation.fair_queue import FairQueue
from tests.isolation.virtual_time import VirtualTime
from tests.samples import NOW

CALL_SECONDS = 0.02
"""The duration of a call to AWS."""

RETENTION = timedelta(days=30)


class Aws:
    """Counts of AWS calls by name, without the calls that a webhook without rate limit makes too."""

    def __init__(self, time: VirtualTime) -> None:
        self.calls: Counter[str] = Counter()
        self._time = time

    def call(self, name: str, times: int = 1) -> None:
        """Count the call and let its time pass."""
        self.calls[name] += times
        self._time.sleep(CALL_SECONDS * times)


class ParkedDeliveries:
    """The table of parked deliveries. `due` is the arrival time of each event in seconds, by delivery."""

    def __init__(self, aws: Aws, due: Mapping[str, float]) -> None:
        self._aws = aws
        self._due = due
        self._parked: dict[UUID, dict[str, Parked]] = defaultdict(dict)
        self._states: dict[UUID, DrainState] = {}
        self._claimed_until: dict[UUID, datetime] = {}

    @property
    def count(self) -> int:
        """The number of parked deliveries."""
        return sum(map(len, self._parked.values()))

    def put(self, tasks: Sequence[DeliveryTask], *, reason: Reason, now: datetime) -> None:
        assert reason == "rate_limit"
        self._aws.call("BatchWriteItem", -(-len(tasks) // BATCH_WRITE_LIMIT))
        for each in tasks:
            is_first = each.trigger == "event" and each.attempt == 1
            since = NOW + timedelta(seconds=self._due[str(each.delivery_id)]) if is_first else now
            key = f"{since.isoformat()}#{each.delivery_id}#{each.attempt}#{now.isoformat()}"
            self._parked[each.webhook_id][key] = Parked(key, each, since + RETENTION)

    def oldest(self, webhook_id: UUID, *, limit: int) -> Sequence[Parked]:
        self._aws.call("Query")
        parked = self._parked[webhook_id]
        return [parked[key] for key in sorted(parked)[:limit]]

    def delete(self, webhook_id: UUID, keys: Sequence[str]) -> None:
        self._aws.call("BatchWriteItem", -(-len(keys) // BATCH_WRITE_LIMIT))
        for key in keys:
            self._parked[webhook_id].pop(key, None)

    def state(self, webhook_id: UUID) -> DrainState | None:
        self._aws.call("GetItem")
        return self._states.get(webhook_id)

    def claim(self, webhook_id: UUID, at: DrainState | None, *, now: datetime, until: datetime) -> bool:
        self._aws.call("UpdateItem")
        if self._states.get(webhook_id) != at or self._claimed_until.get(webhook_id, now) > now:
            return False
        self._claimed_until[webhook_id] = until
        return True

    def move(self, webhook_id: UUID, before: DrainState | None, after: DrainState, *, now: datetime) -> bool:
        self._aws.call("UpdateItem")
        if self._states.get(webhook_id) != before:
            return False
        self._claimed_until.pop(webhook_id, None)
        self._states[webhook_id] = after
        return True


class NoRecoveries:
    """Webhooks without a running recovery."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def is_running(self, webhook_id: UUID) -> bool:
        self._aws.call("GetItem")
        return False

    def release(self, webhook_id: UUID, webhook: Webhook | None, now: datetime) -> Released:
        self._aws.call("GetItem")
        return Released()

    def cancel(self, webhook_id: UUID, now: datetime) -> None:
        raise AssertionError("no drain here reaches its limit")


class Steps:
    """The queue of steps."""

    def __init__(self, aws: Aws, time: VirtualTime) -> None:
        self.queue = FairQueue(time)
        self._aws = aws

    def send(self, step: DrainStep, *, delay: timedelta) -> None:
        self._aws.call("SendMessage")
        body = step_to_json(step)
        self.queue.send(body, group=str(step.webhook_id), delay_seconds=int(delay.total_seconds()))
