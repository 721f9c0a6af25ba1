"""The queues for attempts that are due soon, and the schedules for attempts that are hours away."""

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
"""SQS's limit for a message's delay. Longer delays use a schedule."""

SCHEDULE_NAME_PREFIX = "latchhook-"
"""The workers' IAM policy allows only schedule names with this prefix."""

LEAD = timedelta(seconds=0.25)
"""The time for sending and receiving a message. A message is due this much before its reservation."""

_BATCH = 10


class DeliveryQueue:
    """The fast queue. The webhook is the message group, so SQS fair queues delay only the messages of slow webhooks."""

    def __init__(self, client: "SQSClient", *, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Send all tasks, ten per call. Raises `DependencyUnavailableError` if SQS rejects a task."""
        _send_all(lambda: self._client, self._url, [_message(task) for task in tasks])


@dataclass(frozen=True, slots=True)
class RetryTargets:
    """The slow queue, and the settings with which EventBridge Scheduler sends to it."""

    queue_url: str
    queue_arn: str
    dead_letter_queue_arn: str
    schedule_role_arn: str


class RetryQueue:
    """The slow queue. A task waits in the queue for up to 15 minutes, or in a one-time schedule for longer.

    Tasks do not wait by visibility timeout, because waiting messages would fill the queue's limit of 120,000 messages
    in flight. The clients are created on first use, because most environments have no failures and few have retries
    after hours.
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
        """Send `task` so that it arrives at `due`: within a second by the queue, within a minute by a schedule."""
        if due - now <= LONGEST_QUEUE_DELAY:
            aws.call(self._sqs().send_message, QueueUrl=self._targets.queue_url, **_delayed(task, due, now))
        else:
            self._schedule(task, due)

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Send all tasks without delay, ten per call. Raises `DependencyUnavailableError` if SQS rejects a task."""
        _send_all(self._sqs, self._targets.queue_url, [_message(task) for task in tasks])

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]]) -> None:
        """Send each task so that it arrives at its time, at most 15 minutes away, or up to 1.25 seconds earlier.

        Ten tasks are sent per call. SQS delays by whole seconds, and the worker waits for the rest until the
        reservation. Raises `DependencyUnavailableError` if SQS rejects a task. In this case other tasks may be sent.
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
            # An earlier run has created the schedule.
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
    """Write a task as a message body."""
    return json.dumps(
        {
            "accountId": task.account_id,
            "webhookId": str(task.webhook_id),
            "eventId": task.event_id,
            "deliveryId": str(task.delivery_id),
            "attempt": task.attempt,
            "trigger": task.trigger,
        }
        | ({} if task.reserved_at is None else {"reservedAtMicros": to_micros(task.reserved_at)})
        | ({"missedReservations": task.missed_reservations} if task.missed_reservations else {})
        | ({"uncounted": task.uncounted} if task.uncounted else {})
    )


def task_from_json(body: str) -> DeliveryTask:
    """Read a task. Raises `KeyError`, `ValueError` or `TypeError` for a message of another sender."""
    fields = json.loads(body)
    if not (isinstance(fields["accountId"], str) and isinstance(fields["eventId"], str)):
        raise TypeError("accountId and eventId must be strings")
    return DeliveryTask(
        account_id=fields["accountId"],
        webhook_id=UUID(str(fields["webhookId"])),
        event_id=fields["eventId"],
        delivery_id=UUID(str(fields["deliveryId"])),
        attempt=int(fields["attempt"]),
        # Tasks that were queued before an update have no trigger.
        trigger=fields.get("trigger", "event" if fields["attempt"] == 1 else "retry"),
        reserved_at=from_micros(int(fields["reservedAtMicros"])) if "reservedAtMicros" in fields else None,
        missed_reservations=int(fields.get("missedReservations", 0)),
        uncounted=int(fields.get("uncounted", 0)),
    )
