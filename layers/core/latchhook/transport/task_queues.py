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
from latchhook.clock import from_millis, to_millis
from latchhook.outages import StoreUnavailableError
from latchhook.webhooks.delivery import DeliveryTask

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_sqs import SQSClient

LONGEST_QUEUE_DELAY = timedelta(minutes=15)
"""SQS delays a message by at most this; what waits longer is a schedule's."""

SCHEDULE_NAME_PREFIX = "latchhook-"
"""The policy that lets a worker make schedules names this prefix."""

_BATCH = 10


class DeliveryQueue:
    """Where first attempts wait. The webhook is the message group: SQS fair queues hold back one that is slow."""

    def __init__(self, client: "SQSClient", *, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Puts all tasks on the queue, ten a call; raises `StoreUnavailableError` if one was not taken."""
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
    ) -> None:
        self._sqs = sqs
        self._scheduler = scheduler
        self._targets = targets

    def plan(self, task: DeliveryTask, *, due: datetime, now: datetime) -> None:
        """Has `task` come back at `due`, within a second by the queue, within a minute by a schedule."""
        if due - now <= LONGEST_QUEUE_DELAY:
            aws.call(self._sqs().send_message, QueueUrl=self._targets.queue_url, **_delayed(task, due, now))
        else:
            self._schedule(task, due)

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Has all tasks come now, ten a call; raises `StoreUnavailableError` if one was not taken."""
        _send_all(self._sqs, self._targets.queue_url, [_message(task) for task in tasks])

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]], *, now: datetime) -> None:
        """Has each task come back at its moment, at most 15 minutes away and within a second: ten a call.

        Raises `StoreUnavailableError` if one was not taken; others then may be.
        """
        _send_all(self._sqs, self._targets.queue_url, [_delayed(task, due, now) for task, due in tasks])

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


def _send_all(client: "Callable[[], SQSClient]", url: str, messages: Sequence[Mapping[str, Any]]) -> None:
    for start in range(0, len(messages), _BATCH):
        some = messages[start : start + _BATCH]
        entries: Any = [{"Id": str(at), **message} for at, message in enumerate(some)]
        answer = aws.call(client().send_message_batch, QueueUrl=url, Entries=entries)
        if answer.get("Failed"):
            raise StoreUnavailableError(f"send_message_batch: {answer['Failed'][0]['Code']}")


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
        | ({"slotAt": to_millis(task.slot_at)} if task.paced and task.slot_at is not None else {})
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
        slot_at=from_millis(int(fields["slotAt"])) if "slotAt" in fields else None,
        missed_slots=int(fields.get("missedSlots", 0)),
        uncounted=int(fields.get("uncounted", 0)),
    )
