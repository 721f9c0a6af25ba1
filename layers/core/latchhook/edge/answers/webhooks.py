"""What the webhook, delivery and event endpoints answer."""

from typing import Any, Literal, TypedDict

from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.webhooks.delivery import Attempt, LoggedAttempt
from latchhook.webhooks.webhook import Webhook


class WebhookAnswer(TypedDict):
    """A webhook (document 003); no secret."""

    id: str
    url: str | None
    events: list[str]
    filter: dict[str, Any] | None
    status: Literal["active", "paused", "disabled"]
    description: str | None
    headers: dict[str, str]
    createdAt: str
    updatedAt: str


class CreatedWebhookAnswer(WebhookAnswer):
    """A new webhook with its signing secret, which is shown here only."""

    secret: str


class WebhookListAnswer(TypedDict):
    """All webhooks of the account."""

    data: list[WebhookAnswer]
    nextCursor: str | None


class WebhookSettingsAnswer(TypedDict):
    """Document 000's settings."""

    webhookUrl: str | None
    webhookSecret: str


class SettingsSavedAnswer(TypedDict):
    """Document 000's answer to a change of the settings."""

    success: bool


class AttemptAnswer(TypedDict):
    """One attempt to deliver an event."""

    id: str
    deliveryId: str
    webhookId: str
    eventId: str
    eventType: str
    externalId: str | None
    attempt: int
    trigger: Literal["event", "retry"]
    status: Literal["success", "failed"]
    errorMessage: str | None
    request: dict[str, Any]
    response: dict[str, Any] | None
    timingsMs: dict[str, float]
    remoteAddress: str | None
    nextAttemptAt: str | None
    createdAt: str


class AttemptListAnswer(TypedDict):
    """A page of attempts, newest event first."""

    data: list[AttemptAnswer]
    nextCursor: str | None


class LoggedDeliveryAnswer(TypedDict):
    """An attempt in document 000's log."""

    id: str
    externalId: str | None
    eventType: str
    status: Literal["success", "failed"]
    errorMessage: str | None
    createdAt: str


class DeliveryLogAnswer(TypedDict):
    """Document 000's log: the 100 newest attempts of the account."""

    deliveries: list[LoggedDeliveryAnswer]


class PublishedEventAnswer(TypedDict):
    """An accepted event's id."""

    id: str


def webhook_answer(webhook: Webhook) -> WebhookAnswer:
    """The webhook as its account sees it."""
    return {
        "id": str(webhook.id),
        "url": webhook.url,
        "events": list(webhook.events),
        "filter": None,
        "status": webhook.status,
        "description": webhook.description,
        "headers": {},
        "createdAt": rfc3339(webhook.created_at),
        "updatedAt": rfc3339(webhook.updated_at),
    }


def attempt_answer(attempt: Attempt) -> AttemptAnswer:
    """The attempt with request and response; a body that is no UTF-8 is shown with replacement characters."""
    return {
        "id": str(attempt.id),
        "deliveryId": str(attempt.task.delivery_id),
        "webhookId": str(attempt.task.webhook_id),
        "eventId": attempt.task.event_id,
        "eventType": attempt.event_name,
        "externalId": attempt.external_id,
        "attempt": attempt.task.attempt,
        "trigger": attempt.trigger,
        "status": attempt.status,
        "errorMessage": attempt.error_message,
        "request": {"headers": dict(attempt.request_headers)},
        "response": None
        if attempt.response_status is None
        else {
            "status": attempt.response_status,
            "headers": dict(attempt.response_headers),
            "body": attempt.response_body.decode("utf-8", "replace"),
            "truncated": attempt.response_truncated,
        },
        "timingsMs": dict(attempt.timings_ms),
        "remoteAddress": attempt.remote_address,
        "nextAttemptAt": rfc3339_or_none(attempt.next_attempt_at),
        "createdAt": rfc3339(attempt.attempted_at),
    }


def logged_delivery_answer(attempt: LoggedAttempt) -> LoggedDeliveryAnswer:
    """The attempt as document 000's log shows it."""
    return {
        "id": str(attempt.id),
        "externalId": attempt.external_id,
        "eventType": attempt.event_name,
        "status": attempt.status,
        "errorMessage": attempt.error_message,
        "createdAt": rfc3339(attempt.attempted_at),
    }
