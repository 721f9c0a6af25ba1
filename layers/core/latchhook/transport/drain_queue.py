"""The queue for the steps of drains."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from latchhook import aws

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

    from latchhook.webhooks.draining import DrainStep


class DrainQueue:
    """The queue of steps. The client is created on first use, because few environments need it."""

    def __init__(self, client: "Callable[[], SQSClient]", *, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, step: "DrainStep", *, delay: timedelta) -> None:
        """Send the step with one `SendMessage`. It arrives after `delay`, in whole seconds."""
        aws.call(
            self._client().send_message,
            QueueUrl=self._url,
            MessageBody=step_to_json(step),
            MessageGroupId=str(step.webhook_id),
            DelaySeconds=int(delay.total_seconds()),
        )


def step_to_json(step: "DrainStep") -> str:
    """Write a step as a message body."""
    return json.dumps(
        {"accountId": step.account_id, "webhookId": str(step.webhook_id), "number": step.number}
        | ({"idle": step.idle} if step.idle else {})
    )


def step_from_json(body: str) -> "DrainStep":
    """Read a step. Raises `KeyError`, `ValueError` or `TypeError` for a message of another sender."""
    from latchhook.webhooks.draining import DrainStep

    fields = json.loads(body)
    if not isinstance(fields["accountId"], str):
        raise TypeError("accountId must be a string")
    return DrainStep(
        account_id=fields["accountId"],
        webhook_id=UUID(str(fields["webhookId"])),
        number=int(fields["number"]),
        idle=int(fields.get("idle", 0)),
    )
