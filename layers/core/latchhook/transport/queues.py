"""The queues between accepting an event and delivering it, and the schedules for attempts that are hours away."""

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from botocore.exceptions import ClientError

from latchhook import aws
from latchhook.clock import from_millis, to_millis
from latchhook.outages import StoreUnavailableError
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.event import Event

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_sqs import SQSClient

LONGEST_QUEUE_DELAY = timedelta(minutes=15)
"""SQS delays a message by at most this; what waits longer is a schedule's."""

SCHEDULE_NAME_PREFIX = "latchhook-"
"""The policy that lets a worker make schedules names this prefix."""

_BATCH = 10

BATCH_BYTES = 1024 * 1024
"""SQS takes at most this much in one call, bodies and attributes together (SQS developer guide, "Message quotas")."""

_ROUNDS = 4
_FIRST_WAIT_SECONDS = 0.05


class EventQueue:
    """Where accepted events stand: the message's body is the body that receivers get, the rest are its attributes."""

    def __init__(
        self, client: "SQSClient", *, url: str, rng: Random, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._url = url
        self._rng = rng
        self._sleep = sleep

    def publish(self, event: Event, *, receipt: str) -> None:
        """Accepts the event: one `SendMessage`. Raises `StoreUnavailableError` if it was not accepted.

        `receipt` names this acceptance among others of the same event. The queue's own message id would not do: it
        changes when a message is sent on from the dead-letter queue.
        """
        aws.call(self._client.send_message, QueueUrl=self._url, **_event_message(event, receipt))

    def publish_all(self, events: Sequence[Event], *, receipt: str) -> None:
        """Accepts all events under one receipt, ten a call.

        What SQS does not take of a call is sent again, with full jitter, three times at most. Raises
        `StoreUnavailableError` if not all were accepted; some then may be.
        """
        left = [{"Id": str(at), **_event_message(event, receipt)} for at, event in enumerate(events)]
        codes: set[str] = set()
        for attempt in range(_ROUNDS):
            if attempt:
                self._sleep(self._rng.uniform(0, _FIRST_WAIT_SECONDS * 2**attempt))
            refused: dict[str, str] = {}
            for entries in _calls(left):
                refused |= self._send(entries)
            if not refused:
                return
            left = [entry for entry in left if entry["Id"] in refused]
            codes = set(refused.values())
        raise StoreUnavailableError(f"send_message_batch: {', '.join(sorted(codes))}")

    def _send(self, entries: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
        """Sends one call's; gives the error codes of those that were not taken, by their ids."""
        answer = aws.call(self._client.send_message_batch, QueueUrl=self._url, Entries=entries)
        return {failed["Id"]: failed["Code"] for failed in answer.get("Failed", ())}


def _event_message(event: Event, receipt: str) -> dict[str, Any]:
    attributes = {
        "accountId": event.account_id,
        "eventId": event.id,
        "eventName": event.name,
        "acceptedAt": str(to_millis(event.accepted_at)),
        "receipt": receipt,
    }
    if event.external_id is not None:
        attributes["externalId"] = event.external_id
    return {
        "MessageBody": event.body,
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }


def _calls(entries: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """The entries in their order, as many together as one call takes."""
    call: list[Mapping[str, Any]] = []
    size = 0
    for entry in entries:
        more = _bytes_of(entry)
        if call and (len(call) == _BATCH or size + more > BATCH_BYTES):
            yield call
            call, size = [], 0
        call.append(entry)
        size += more
    if call:
        yield call


def _bytes_of(entry: Mapping[str, Any]) -> int:
    """What SQS counts of a message: its body, and its attributes' names, types and values."""
    texts = [entry["MessageBody"]]
    for name, value in entry["MessageAttributes"].items():
        texts += [name, value["DataType"], value["StringValue"]]
    return sum(len(text.encode()) for text in texts)


def event_from_record(record: Mapping[str, Any]) -> tuple[Event, str]:
    """The event in one record of an SQS invocation, and the receipt that it was accepted under.

    Raises `KeyError` or `ValueError` for a message that isn't ours.
    """
    attributes = {name: value["stringValue"] for name, value in record["messageAttributes"].items()}
    event = Event(
        id=attributes["eventId"],
        account_id=attributes["accountId"],
        name=attributes["eventName"],
        external_id=attributes.get("externalId"),
        accepted_at=from_millis(int(attributes["acceptedAt"])),
        body=record["body"],
    )
    return event, attributes["receipt"]


class DeliveryQueue:
    """Where first attempts wait. The webhook is the message group: SQS fair queues hold back one that is slow."""

    def __init__(self, client: "SQSClient", *, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Puts all tasks on the queue, ten a call; raises `StoreUnavailableError` if one was not taken."""
        _send_tasks(self._client, self._url, tasks)


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
            aws.call(
                self._sqs().send_message,
                QueueUrl=self._targets.queue_url,
                MessageBody=task_to_json(task),
                MessageGroupId=str(task.webhook_id),
                DelaySeconds=max(0, math.ceil((due - now).total_seconds())),
            )
        else:
            self._schedule(task, due)

    def send(self, tasks: Sequence[DeliveryTask]) -> None:
        """Has all tasks come now, ten a call; raises `StoreUnavailableError` if one was not taken."""
        _send_tasks(self._sqs(), self._targets.queue_url, tasks)

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


class UseQueue:
    """Where uses of hot keys wait to be counted. The client comes as a function: most environments never see one."""

    def __init__(self, client: "Callable[[], SQSClient]", *, url: str) -> None:
        self._client = client
        self._url = url

    def count_later(self, key_id: UUID, used_at: datetime, *, uses: int = 1) -> None:
        """Has uses counted, or, below none, taken back: one `SendMessage`."""
        body = json.dumps({"keyId": str(key_id), "day": f"{used_at:%Y%m%d}", "uses": uses})
        aws.call(self._client().send_message, QueueUrl=self._url, MessageBody=body)


class DeadLetters:
    """Where waits for a person what no event can be made of: a stream itself would forget it, a bus has nobody to tell.

    The client comes as a function: hardly an environment ever has one.
    """

    def __init__(self, client: "Callable[[], SQSClient]", *, url: str) -> None:
        self._client = client
        self._url = url

    def keep(self, record: Mapping[str, Any]) -> None:
        """Keeps the record whole, as the batch of one that its worker can be invoked with."""
        self.keep_message(json.dumps({"Records": [record]}))

    def keep_message(self, body: str) -> None:
        """Keeps a message as it came, so that it can be sent on to the queue that it came from."""
        aws.call(self._client().send_message, QueueUrl=self._url, MessageBody=body)


def uses_from_json(body: str) -> tuple[UUID, str, int]:
    """The key, the day (`YYYYMMDD`) and the number of uses; raises `KeyError`, `ValueError` or `TypeError`."""
    fields = json.loads(body)
    datetime.strptime(fields["day"], "%Y%m%d").replace(tzinfo=UTC)
    return UUID(str(fields["keyId"])), fields["day"], int(fields["uses"])


def _send_tasks(client: "SQSClient", url: str, tasks: Sequence[DeliveryTask]) -> None:
    for start in range(0, len(tasks), _BATCH):
        answer = aws.call(
            client.send_message_batch,
            QueueUrl=url,
            Entries=[
                {"Id": str(at), "MessageBody": task_to_json(task), "MessageGroupId": str(task.webhook_id)}
                for at, task in enumerate(tasks[start : start + _BATCH])
            ],
        )
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
    )
