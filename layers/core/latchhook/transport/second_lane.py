"""The way to the second lane: tasks of slow webhooks, and tasks that wait for their slot, in the retry queue."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from latchhook import aws
from latchhook.outages import StoreUnavailableError
from latchhook.transport.queues import task_to_json
from latchhook.webhooks.delivery import DeliveryTask

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

_BATCH = 10


class SecondLaneQueue:
    """The retry queue as the pacer fills it. The client comes as a function: most environments pace nothing."""

    def __init__(self, client: "Callable[[], SQSClient]", *, url: str) -> None:
        self._client = client
        self._url = url

    def plan_all(self, tasks: Sequence[tuple[DeliveryTask, datetime]], *, now: datetime) -> None:
        """Has each task come back at its moment, at most 15 minutes away and within a second: ten a call.

        Raises `StoreUnavailableError` if one was not taken; others then may be.
        """
        for start in range(0, len(tasks), _BATCH):
            answer = aws.call(
                self._client().send_message_batch,
                QueueUrl=self._url,
                Entries=[
                    {
                        "Id": str(at),
                        "MessageBody": task_to_json(task),
                        "MessageGroupId": str(task.webhook_id),
                        "DelaySeconds": max(0, math.ceil((due - now).total_seconds())),
                    }
                    for at, (task, due) in enumerate(tasks[start : start + _BATCH])
                ],
            )
            if answer.get("Failed"):
                raise StoreUnavailableError(f"send_message_batch: {answer['Failed'][0]['Code']}")
