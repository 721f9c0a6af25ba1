"""The queues for the steps of recoveries and for the steps that release backlogs."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from uuid import UUID

from latchhook import aws
from latchhook.clock import from_millis, to_millis

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

    from latchhook.webhooks.backlog import ReleaseStep
    from latchhook.webhooks.recovery import Step


class OfWebhook(Protocol):
    """A step of a recovery or of a backlog."""

    @property
    def webhook_id(self) -> UUID:
        """The step's webhook, which is the message group."""


S = TypeVar("S", bound=OfWebhook)


class StepQueue(Generic[S]):
    """A queue of steps, written by `to_json`. The client is created on first use, because few environments need it."""

    def __init__(self, client: "Callable[[], SQSClient]", to_json: Callable[[S], str], *, url: str) -> None:
        self._client = client
        self._to_json = to_json
        self._url = url

    def send(self, step: S, *, delay: timedelta) -> None:
        """Send the step with one `SendMessage`. It arrives after `delay`, in whole seconds."""
        aws.call(
            self._client().send_message,
            QueueUrl=self._url,
            MessageBody=self._to_json(step),
            MessageGroupId=str(step.webhook_id),
            DelaySeconds=int(delay.total_seconds()),
        )


def recovery_step_to_json(step: "Step") -> str:
    """Write a recovery's step as a message body."""
    return json.dumps(
        {
            "accountId": step.account_id,
            "webhookId": str(step.webhook_id),
            "recoveryId": str(step.recovery_id),
            "number": step.number,
            "askedAt": to_millis(step.asked_at),
        }
        | ({"waits": step.waits} if step.waits else {})
    )


def recovery_step_from_json(body: str) -> "Step":
    """Read a recovery's step. Raises `KeyError`, `ValueError` or `TypeError` for a message of another sender."""
    from latchhook.webhooks.recovery import Step

    fields = _fields(body)
    return Step(
        account_id=fields["accountId"],
        webhook_id=UUID(str(fields["webhookId"])),
        recovery_id=UUID(str(fields["recoveryId"])),
        number=int(fields["number"]),
        asked_at=from_millis(int(fields["askedAt"])),
        waits=int(fields.get("waits", 0)),
    )


def release_step_to_json(step: "ReleaseStep") -> str:
    """Write a backlog's step as a message body."""
    return json.dumps(
        {"accountId": step.account_id, "webhookId": str(step.webhook_id), "number": step.number}
        | ({"idle": step.idle} if step.idle else {})
    )


def release_step_from_json(body: str) -> "ReleaseStep":
    """Read a backlog's step. Raises `KeyError`, `ValueError` or `TypeError` for a message of another sender."""
    from latchhook.webhooks.backlog import ReleaseStep

    fields = _fields(body)
    return ReleaseStep(
        account_id=fields["accountId"],
        webhook_id=UUID(str(fields["webhookId"])),
        number=int(fields["number"]),
        idle=int(fields.get("idle", 0)),
    )


def _fields(body: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(body)
    if not isinstance(fields["accountId"], str):
        raise TypeError("accountId must be a string")
    return fields
