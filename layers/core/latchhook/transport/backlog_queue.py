"""The queue of the steps that release backlogs."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from latchhook import aws
from latchhook.webhooks.backlog import ReleaseStep

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


class BacklogQueue:
    """Where steps wait. The client comes as a function: few workers ever begin a backlog."""

    def __init__(self, client: "Callable[[], SQSClient]", *, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, step: ReleaseStep, *, delay: timedelta) -> None:
        """Has the step come after `delay`, in whole seconds: one `SendMessage`."""
        aws.call(
            self._client().send_message,
            QueueUrl=self._url,
            MessageBody=release_step_to_json(step),
            MessageGroupId=str(step.webhook_id),
            DelaySeconds=int(delay.total_seconds()),
        )


def release_step_to_json(step: ReleaseStep) -> str:
    """A step as a message's body."""
    return json.dumps({"accountId": step.account_id, "webhookId": str(step.webhook_id), "number": step.number})


def release_step_from_json(body: str) -> ReleaseStep:
    """The step in a message's body; raises `KeyError`, `ValueError` or `TypeError` for one that isn't ours."""
    fields = json.loads(body)
    if not isinstance(fields["accountId"], str):
        raise TypeError("an account is named by text")
    return ReleaseStep(fields["accountId"], UUID(str(fields["webhookId"])), int(fields["number"]))
