"""Response bodies of the webhook, delivery and event endpoints."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.webhooks.delivery import Attempt, LoggedAttempt
from latchhook.webhooks.secrets import live
from latchhook.webhooks.webhook import Webhook


class WebhookRateLimitResponse(TypedDict):
    """The rate limit of a webhook."""

    limit: int
    """The number of attempts per window, spread evenly. Deliveries over the limit wait and are not dropped."""
    windowSeconds: int
    """The length of the window in seconds."""


class WebhookResponse(TypedDict):
    """A webhook without its secret."""

    id: Uuid
    url: str | None
    """The endpoint URL, which gets each event as a POST request. Null only for a default webhook without a URL."""
    events: list[str]
    """The event names of the subscription: exact names, `prefix.*`, or `*`."""
    filter: dict[str, Any] | None
    """The filter for the bodies of events; null if all bodies match."""
    status: Literal["active", "paused", "disabled"]
    disabledReason: str | None
    """The reason for the status `disabled`: `gone` (the receiver responded with 410), `failing` (attempts failed for
    five days) or `manual` (a caller disabled the webhook)."""
    failingSince: Moment | None
    """The time since which no attempt has succeeded; null if the newest attempt succeeded."""
    recoverSince: Moment | None
    """A suitable `since` for a recovery after the webhook was disabled; null if no recovery is needed."""
    description: str | None
    headers: dict[str, str]
    """Custom headers of each attempt. Values of headers with secrets are shown as `[redacted]`."""
    retryScheduleSeconds: list[int] | None
    """The waiting times between attempts in seconds; null for the deployment's retry schedule."""
    rateLimit: WebhookRateLimitResponse | None
    """The webhook's rate limit; null if the webhook has no rate limit."""
    slowSeconds: int | None
    """The recent response time of a slow receiver in seconds. A slow receiver gets few attempts at a time. Null for a
    fast receiver."""
    asymmetricSignatures: bool
    """Whether `webhook-signature` also contains Ed25519 signatures (`v1a`)."""
    publicKeys: list[str]
    """The public keys (`whpk_` and base64) of all key pairs that sign now, newest first."""
    createdAt: Moment
    updatedAt: Moment


class CreatedWebhookResponse(WebhookResponse):
    """A new webhook with its signing secret."""

    secret: str | None
    """The signing secret, which only this response contains. Null in the response to a repeated request."""


class RotatedWebhookSecretResponse(WebhookResponse):
    """A webhook with its new signing secret."""

    secret: str | None
    """The new signing secret, which only this response contains. Null in the response to a repeated request."""
    previousSecretsSignUntil: Moment | None
    """The time at which the previous secrets stop signing; null if they no longer sign."""


class WebhookListResponse(TypedDict):
    """A page of webhooks, newest first."""

    data: list[WebhookResponse]
    nextCursor: str | None
    """The `cursor` of the next page; null on the last page."""


class WebhookSettingsResponse(TypedDict):
    """The settings of the default webhook."""

    webhookUrl: str | None
    """The endpoint URL; null if events are not delivered."""
    webhookSecret: str
    """The signing secret."""


class RotatedWebhookSettingsResponse(TypedDict):
    """The default webhook's settings with its new secret."""

    webhookUrl: str | None
    """Where events are POSTed; null if they are not."""
    webhookSecret: str | None
    """The new secret; null in the response to a repeated request."""


class SettingsSavedResponse(TypedDict):
    """The confirmation that the settings are saved."""

    success: bool


class SentRequestResponse(TypedDict):
    """The request of an attempt. Its body is the body of the event."""

    headers: dict[str, str]
    """The request headers. Signatures are shown as `[redacted]`, so that readers cannot reuse them."""


class ReceivedResponseResponse(TypedDict):
    """The receiver's response."""

    status: int
    """The HTTP status."""
    headers: dict[str, str]
    body: str
    """The body. Bytes that are not UTF-8 are shown as replacement characters."""
    truncated: bool
    """Whether the receiver's body was longer than the stored part."""


class AttemptResponse(TypedDict):
    """One attempt to deliver an event to a webhook."""

    id: Uuid
    deliveryId: Uuid
    """The delivery's id, which all its attempts send as the `webhook-id` header."""
    webhookId: Uuid
    eventId: str
    eventType: str
    """The event's name."""
    externalId: str | None
    """The publisher's own id of the object, from the event."""
    attempt: int
    """The number of the attempt, starting with 1."""
    trigger: Literal["event", "retry", "manual", "test", "recover"]
    """The reason for the attempt: the event, the retry schedule, a caller's retry, a test, or a recovery."""
    status: Literal["success", "failed"]
    errorMessage: str | None
    """The reason for the failure; null on success."""
    request: SentRequestResponse
    response: ReceivedResponseResponse | None
    """The receiver's response; null without a response."""
    timingsMs: dict[str, float]
    """Durations in milliseconds: `dns`, `connect` and `tls` of a new connection, `firstByte` after the request, and
    `total`."""
    note: str | None
    """The reason why the response was not read completely. Only the HTTP status decides about success."""
    remoteAddress: str | None
    """The receiver's IP address."""
    nextAttemptAt: Moment | None
    """The time of the next attempt; null if no attempt is planned."""
    createdAt: Moment
    """The time of the attempt."""


class DeliveryResponse(TypedDict):
    """A delivery of one event to one webhook, with its attempts."""

    id: Uuid
    """The delivery's id, which all its attempts send as the `webhook-id` header."""
    webhookId: Uuid
    eventId: str
    eventType: str
    externalId: str | None
    status: Literal["success", "failed"]
    """The status of the newest attempt."""
    requestBody: str | None
    """The exact body of the requests; null if the event has expired."""
    nextAttemptAt: Moment | None
    """The time of the next attempt; null if no attempt is planned."""
    attempts: list[AttemptResponse]
    """At most 100 attempts, newest first. If the responses are long, the list is shorter and the oldest attempts are
    missing."""


class RetriedDeliveryResponse(TypedDict):
    """An attempt that will be made immediately."""

    deliveryId: Uuid
    attempt: int
    """The number of the attempt."""


class AttemptListResponse(TypedDict):
    """A page of attempts. The attempts of the newest event come first."""

    data: list[AttemptResponse]
    nextCursor: str | None
    """The `cursor` of the next page; null on the last page."""


class LoggedDeliveryResponse(TypedDict):
    """A short form of an attempt."""

    id: Uuid
    externalId: str | None
    """The publisher's own id of the object, from the event."""
    eventType: str
    """The event's name."""
    status: Literal["success", "failed"]
    errorMessage: str | None
    """The reason for the failure; null on success."""
    createdAt: Moment
    """The time of the attempt."""


class DeliveryLogResponse(TypedDict):
    """The account's 100 newest attempts, newest first."""

    deliveries: list[LoggedDeliveryResponse]


class PublishedEventResponse(TypedDict):
    """An accepted event."""

    id: str
    """The id from the request, or a new id if the request has no id."""


def webhook_response(webhook: Webhook, now: datetime) -> WebhookResponse:
    """Return the response body of a webhook."""
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
    """Return the response body of an attempt, with its request and response."""
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
    """Return the response body of a delivery. `attempts` are sorted newest first and not empty."""
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
    """Return headers by name. The values of a repeated header are joined by commas (RFC 9110, 5.3)."""
    combined: dict[str, str] = {}
    for name, value in headers:
        combined[name] = f"{combined[name]}, {value}" if name in combined else value
    return combined


def logged_delivery_response(attempt: LoggedAttempt) -> LoggedDeliveryResponse:
    """Return the short response body of an attempt."""
    return {
        "id": str(attempt.id),
        "externalId": attempt.external_id,
        "eventType": attempt.event_name,
        "status": attempt.status,
        "errorMessage": attempt.error_message,
        "createdAt": rfc3339(attempt.attempted_at),
    }
