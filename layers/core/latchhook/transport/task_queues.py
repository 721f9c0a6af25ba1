"""The queues in which attempts wait to be made, and the schedules for those that are hours away."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from botocore.exceptions import ClientError

from latchhook import aws
from latchhook.clock import Clock
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.rates import from_micros, to_micros
from latchhook.webhooks.delivery import DeliveryTask

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_sqs import SQSClient

LONGEST_QUEUE_DELAY = timedelta(minutes=15)
"""SQS delays a message by at most this; what waits longer is a schedule's."""

SCHEDULE_NAME_PREFIX = "latchhook-"
"""The policy that lets a worker make schedules names this prefix."""

LEAD = timedelta(seconds=0.25)
"""What sending and receiving a message may take, before the slot for which it comes."""

_BATCH = 10


class DeliveryQueue:
    """Where first attempts wait. The webhook is the message group: SQS fair queues hold back one that is slow."""

    def __init__(self, client: "SQSClient", *, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Puts all tasks on the queue, ten a call; raises `DependencyUnavailableError` if one was not taken."""
        _send_all(lambda: self._client, self._url, [_message(task) for task in tasks])


@dataclass(frozen=True, slots=True)
class RetryTargets:
    """Where later attempts go: the retry queue, and what EventBridge Scheduler needs to reach it."""

    queue_url: str
    queue_arn: str
    dead_letter_queue_arn: str
    schedule_role_arn: str


class RetryQueue:
    """Where later attempts wait: up to 15 minutes in the queue itself, longer in a one-time schedule.

    Never by visibility timeout: messages that wait would fill the queue's limit of 120,000 in flight. The clients come
    as functions, since most environments never see a failure, and fewer still one that waits for hours.
    """

    def __init__(
        self,
        sqs: "Callable[[], SQSClient]",
        scheduler: "Callable[[], EventBridgeSchedulerClient]",
        targets: RetryTargets,
        clock: Clock,
    ) -> None:
        self._sqs = sqs
        self._scheduler = scheduler
        self._targets = targets
        self._clock = clock

    def plan(self, task: DeliveryTask, *, due: datetime, now: datetime) -> None:
        """Has `task` come back at `due`, within a second by the queue, within a minute by a schedule."""
        if due - now <= LONGEST_QUEUE_DELAY:
            aws.call(self._sqs().send_message, QueueUrl=self._targets.queue_url, **_delayed(task, due, now))
        else:
            self._schedule(task, due)

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Has all tasks come now, ten a call; raises `DependencyUnavailableError` if one was not taken."""
        _send_all(self._sqs, self._targets.queue_url, [_message(task) for task in tasks])

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        """Has each task come back at its moment, at most 15 minutes away, or up to 1.25 seconds before it: ten a call.

        SQS delays by whole seconds, and the worker waits for a slot's fraction of a second. Raises
        `DependencyUnavailableError` if one was not taken; others then may be.
        """
        for start in range(0, len(tasks), _BATCH):
            now = self._clock()
            messages = [_early(task, due, now) for task, due in tasks[start : start + _BATCH]]
            _send_all(self._sqs, self._targets.queue_url, messages)

    def _schedule(self, task: DeliveryTask, due: datetime) -> None:
        try:
            aws.call(
                self._scheduler().create_schedule,
                expect=("ConflictException",),
                Name=f"{SCHEDULE_NAME_PREFIX}{task.delivery_id}-{task.attempt}",
                ScheduleExpression=f"at({due:%Y-%m-%dT%H:%M:%S})",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": self._targets.queue_arn,
                    "RoleArn": self._targets.schedule_role_arn,
                    "Input": task_to_json(task),
                    "DeadLetterConfig": {"Arn": self._targets.dead_letter_queue_arn},
                },
            )
        except ClientError:
            # A schedule of that name stands: an earlier run made it, and made twice it is made once.
            return


def _message(task: DeliveryTask) -> dict[str, Any]:
    return {"MessageBody": task_to_json(task), "MessageGroupId": str(task.webhook_id)}


def _delayed(task: DeliveryTask, due: datetime, now: datetime) -> dict[str, Any]:
    return {**_message(task), "DelaySeconds": max(0, math.ceil((due - now).total_seconds()))}


def _early(task: DeliveryTask, due: datetime, now: datetime) -> dict[str, Any]:
    return {**_message(task), "DelaySeconds": max(0, math.floor((due - LEAD - now).total_seconds()))}


def _send_all(client: "Callable[[], SQSClient]", url: str, messages: Sequence[Mapping[str, Any]]) -> None:
    for start in range(0, len(messages), _BATCH):
        some = messages[start : start + _BATCH]
        entries: Any = [{"Id": str(at), **message} for at, message in enumerate(some)]
        response = aws.call(client().send_message_batch, QueueUrl=url, Entries=entries)
        if response.get("Failed"):
            raise DependencyUnavailableError(f"send_message_batch: {response['Failed'][0]['Code']}")


def task_to_json(task: DeliveryTask) -> str:
    """A task as a message's body."""
    return json.dumps(
        {
            "accountId": task.account_id,
            "webhookId": str(task.webhook_id),
            "eventId": task.event_id,
            "deliveryId": str(task.delivery_id),
            "attempt": task.attempt,
            "trigger": task.trigger,
        }
        | ({"paced": True} if task.paced else {})
        | ({"slotAtMicros": to_micros(task.slot_at)} if task.paced and task.slot_at is not None else {})
        | ({"missedSlots": task.missed_slots} if task.missed_slots else {})
        | ({"uncounted": task.uncounted} if task.uncounted else {})
    )


def task_from_json(body: str) -> DeliveryTask:
    """The task in a message's body; raises `KeyError`, `ValueError` or `TypeError` for one that isn't ours."""
    fields = json.loads(body)
    if not (isinstance(fields["accountId"], str) and isinstance(fields["eventId"], str)):
        raise TypeError("an account and an event are named by text")
    return DeliveryTask(
        account_id=fields["accountId"],
        webhook_id=UUID(str(fields["webhookId"])),
        event_id=fields["eventId"],
        delivery_id=UUID(str(fields["deliveryId"])),
        attempt=int(fields["attempt"]),
        # A task that waited through an update does not say.
        trigger=fields.get("trigger", "event" if fields["attempt"] == 1 else "retry"),
        paced=fields.get("paced") is True,
        slot_at=from_micros(int(fields["slotAtMicros"])) if "slotAtMicros" in fields else None,
        missed_slots=int(fields.get("missedSlots", 0)),
        uncounted=int(fields.get("uncounted", 0)),
    )
