"""The queue of recoveries' steps."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from latchhook import aws
from latchhook.clock import from_millis, to_millis
from latchhook.webhooks.recovery import Step

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


class RecoveryQueue:
    """Where steps wait. The client comes as a function: who only cancels sends none."""

    def __init__(self, client: "Callable[[], SQSClient]", *, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, step: Step, *, delay: timedelta) -> None:
        """Has the step come after `delay`, in whole seconds: one `SendMessage`."""
        aws.call(
            self._client().send_message,
            QueueUrl=self._url,
            MessageBody=step_to_json(step),
            MessageGroupId=str(step.webhook_id),
            DelaySeconds=int(delay.total_seconds()),
        )


def step_to_json(step: Step) -> str:
    """A step as a message's body."""
    return json.dumps(
        {
            "accountId": step.account_id,
            "webhookId": str(step.webhook_id),
            "recoveryId": str(step.recovery_id),
            "number": step.number,
            "askedAt": to_millis(step.asked_at),
        }
    )


def step_from_json(body: str) -> Step:
    """The step in a message's body; raises `KeyError`, `ValueError` or `TypeError` for one that isn't ours."""
    fields = json.loads(body)
    if not isinstance(fields["accountId"], str):
        raise TypeError("an account is named by text")
    return Step(
        account_id=fields["accountId"],
        webhook_id=UUID(str(fields["webhookId"])),
        recovery_id=UUID(str(fields["recoveryId"])),
        number=int(fields["number"]),
        asked_at=from_millis(int(fields["askedAt"])),
    )
