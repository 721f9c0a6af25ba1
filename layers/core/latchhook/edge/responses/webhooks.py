"""What the webhook, delivery and event endpoints answer."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.webhooks.delivery import Attempt, LoggedAttempt
from latchhook.webhooks.secrets import live
from latchhook.webhooks.webhook import Webhook


class WebhookRateLimitResponse(TypedDict):
    """How often a webhook's receiver is called."""

    limit: int
    """How many attempts in a window, spread evenly to about a second. What is too much waits; nothing is dropped."""
    windowSeconds: int


class WebhookResponse(TypedDict):
    """A webhook (document 003), without its secret."""

    id: Uuid
    url: str | None
    """Where events are POSTed; null only for the default webhook, while it has no URL."""
    events: list[str]
    """Which events it gets: exact names, `prefix.*`, or `*`."""
    filter: dict[str, Any] | None
    """Which of these it gets by their bodies; null for all."""
    status: Literal["active", "paused", "disabled"]
    disabledReason: str | None
    """Why it is disabled: `gone`, its receiver answered 410; `failing`, it has failed for five days; `manual`, a caller
    disabled it."""
    failingSince: Moment | None
    """Since when no attempt has succeeded; null while the newest has."""
    recoverSince: Moment | None
    """Since when deliveries may have failed or been missed before it was enabled again: what to recover it from."""
    description: str | None
    headers: dict[str, str]
    """What is sent beside our own headers. Values that are secret by their name are `[redacted]`."""
    retryScheduleSeconds: list[int] | None
    """Its own waits between attempts; null is the deployment's."""
    rateLimit: WebhookRateLimitResponse | None
    """Null is none."""
    slowSeconds: int | None
    """Its receiver takes up to so long lately, and is called a few times at once at most; null for a fast one."""
    asymmetricSignatures: bool
    """Whether `webhook-signature` carries Ed25519 signatures (`v1a`) beside those by the secret."""
    publicKeys: list[str]
    """What verifies them: `whpk_` and base64, of every key that signs now, the newest first."""
    createdAt: Moment
    updatedAt: Moment


class CreatedWebhookResponse(WebhookResponse):
    """A new webhook with its signing secret."""

    secret: str | None
    """What signs its deliveries. Never shown again: null when an `Idempotency-Key` asks for what was done before."""


class RotatedWebhookSecretResponse(WebhookResponse):
    """A webhook with its new signing secret."""

    secret: str | None
    """What signs from now on. Never shown again: null when an `Idempotency-Key` asks for what was done before."""
    previousSecretsSignUntil: Moment | None
    """When the secrets before stop to sign beside it; null if they have."""


class WebhookListResponse(TypedDict):
    """A page of webhooks, newest first."""

    data: list[WebhookResponse]
    nextCursor: str | None
    """Where the next page starts; null on the last one."""


class WebhookSettingsResponse(TypedDict):
    """The default webhook's settings (document 000)."""

    webhookUrl: str | None
    """Where events are POSTed; null if they are not."""
    webhookSecret: str
    """What signs the deliveries."""


class SettingsSavedResponse(TypedDict):
    """That the settings are saved (document 000)."""

    success: bool


class SentRequestResponse(TypedDict):
    """The request of an attempt; its body is the event's."""

    headers: dict[str, str]
    """Header values that sign are left out: they would let a reader pass for us."""


class ReceivedResponseResponse(TypedDict):
    """What the receiver answered."""

    status: int
    headers: dict[str, str]
    body: str
    """Bytes that are no UTF-8 are shown as replacement characters."""
    truncated: bool
    """Whether the receiver sent more than is kept."""


class AttemptResponse(TypedDict):
    """One attempt to deliver an event to a webhook."""

    id: Uuid
    deliveryId: Uuid
    """The `webhook-id` header: the same over all attempts of a delivery."""
    webhookId: Uuid
    eventId: str
    eventType: str
    """The event's name."""
    externalId: str | None
    attempt: int
    """Its number, from 1."""
    trigger: Literal["event", "retry", "manual", "test", "recover"]
    """What it was made for: the event itself, the schedule, somebody's wish, a test, or a recovery."""
    status: Literal["success", "failed"]
    errorMessage: str | None
    """What went wrong; null on success."""
    request: SentRequestResponse
    response: ReceivedResponseResponse | None
    """Null when none came."""
    timingsMs: dict[str, float]
    """Milliseconds: `dns`, `connect`, `tls` of a new connection, `firstByte` after the request, `total` of the call."""
    note: str | None
    """Why not all of the response was read: it stalled, broke off or was too long. The status decides all the same."""
    remoteAddress: str | None
    """The receiver's IP address."""
    nextAttemptAt: Moment | None
    """When it is tried again; null if it is not."""
    createdAt: Moment
    """When it was made."""


class DeliveryResponse(TypedDict):
    """One delivery: an event, a webhook, and every attempt to bring them together."""

    id: Uuid
    """The `webhook-id` header of all its attempts."""
    webhookId: Uuid
    eventId: str
    eventType: str
    externalId: str | None
    status: Literal["success", "failed"]
    """Of the newest attempt."""
    requestBody: str | None
    """What is sent, byte for byte; null when the event is not kept any more."""
    nextAttemptAt: Moment | None
    """When it is tried again; null if it is not."""
    attempts: list[AttemptResponse]
    """The newest first: at most a hundred, fewer where answers are long. Number 1 is there if none is left out."""


class RetriedDeliveryResponse(TypedDict):
    """An attempt that will be made at once."""

    deliveryId: Uuid
    attempt: int
    """Its number."""


class AttemptListResponse(TypedDict):
    """A page of attempts, newest event first."""

    data: list[AttemptResponse]
    nextCursor: str | None
    """Where the next page starts; null on the last one."""


class LoggedDeliveryResponse(TypedDict):
    """One attempt to deliver an event, in brief (document 000)."""

    id: Uuid
    externalId: str | None
    eventType: str
    """The event's name."""
    status: Literal["success", "failed"]
    errorMessage: str | None
    """What went wrong; null on success."""
    createdAt: Moment
    """When it was made."""


class DeliveryLogResponse(TypedDict):
    """The account's 100 newest attempts, newest first (document 000)."""

    deliveries: list[LoggedDeliveryResponse]


class PublishedEventResponse(TypedDict):
    """An accepted event."""

    id: str
    """Your id of the event, or the one that was made for it."""


def webhook_response(webhook: Webhook, now: datetime) -> WebhookResponse:
    """The webhook as its account sees it."""
    schedule, rate = webhook.retry_schedule_seconds, webhook.rate_limit
    return {
        "id": str(webhook.id),
        "url": webhook.url,
        "events": list(webhook.events),
        "filter": None if webhook.filter is None else dict(webhook.filter),
        "status": webhook.status,
        "disabledReason": webhook.disabled_reason,
        "failingSince": rfc3339_or_none(webhook.failing_since),
        "recoverSince": rfc3339_or_none(webhook.recover_since),
        "description": webhook.description,
        "headers": {header.name: header.shown for header in webhook.headers},
        "retryScheduleSeconds": None if schedule is None else list(schedule),
        "rateLimit": None if rate is None else {"limit": rate.limit, "windowSeconds": rate.window_seconds},
        "slowSeconds": webhook.slow_seconds,
        "asymmetricSignatures": bool(webhook.key_pairs),
        "publicKeys": [pair.shown for pair in live(webhook.key_pairs, now)],
        "createdAt": rfc3339(webhook.created_at),
        "updatedAt": rfc3339(webhook.updated_at),
    }


_PARTS = {"first_byte": "firstByte"}


def attempt_response(attempt: Attempt) -> AttemptResponse:
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
            "headers": _combined(attempt.response_headers),
            "body": attempt.response_body.decode("utf-8", "replace"),
            "truncated": attempt.response_truncated,
        },
        "timingsMs": {_PARTS.get(name, name): millis for name, millis in attempt.timings_ms.items()},
        "note": attempt.note,
        "remoteAddress": attempt.remote_address,
        "nextAttemptAt": rfc3339_or_none(attempt.next_attempt_at),
        "createdAt": rfc3339(attempt.attempted_at),
    }


def delivery_response(attempts: Sequence[Attempt], body: str | None) -> DeliveryResponse:
    """A delivery of which these are the attempts, the newest first; there is one at least."""
    newest = attempts[0]
    return {
        "id": str(newest.task.delivery_id),
        "webhookId": str(newest.task.webhook_id),
        "eventId": newest.task.event_id,
        "eventType": newest.event_name,
        "externalId": newest.external_id,
        "status": newest.status,
        "requestBody": body,
        "nextAttemptAt": rfc3339_or_none(newest.next_attempt_at),
        "attempts": [attempt_response(attempt) for attempt in attempts],
    }


def _combined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by name; the values of one that was sent several times are joined by commas (RFC 9110, 5.3)."""
    combined: dict[str, str] = {}
    for name, value in headers:
        combined[name] = f"{combined[name]}, {value}" if name in combined else value
    return combined


def logged_delivery_response(attempt: LoggedAttempt) -> LoggedDeliveryResponse:
    """The attempt as document 000's log shows it."""
    return {
        "id": str(attempt.id),
        "externalId": attempt.external_id,
        "eventType": attempt.event_name,
        "status": attempt.status,
        "errorMessage": attempt.error_message,
        "createdAt": rfc3339(attempt.attempted_at),
    }
