"""Convert attempts to items of the table Deliveries and back."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from latchhook.clock import from_millis, to_millis
from latchhook.storage.attributes import Item, to_item
from latchhook.storage.response_bodies import body_attributes, kept_body
from latchhook.webhooks.attempts import MadeAttempt
from latchhook.webhooks.delivery import Attempt, DeliveryTask, LoggedAttempt, attempt_id


def attempts_pk(webhook_id: UUID) -> str:
    """The partition of a webhook's attempts."""
    return f"WEBHOOK#{webhook_id}"


def attempt_key(webhook_id: UUID, delivery_id: UUID, attempt: int) -> Item:
    """The primary key of an attempt's item."""
    return to_item({"pk": attempts_pk(webhook_id), "sk": f"{delivery_id}#{attempt:03d}"})


def key_of_task(task: DeliveryTask) -> Item:
    """The primary key of the attempt that a task names."""
    return attempt_key(task.webhook_id, task.delivery_id, task.attempt)


def attempt_item(attempt: Attempt, *, retention: timedelta) -> Item:
    """Build an attempt's item. It expires after `retention`."""
    task = attempt.task
    next_at = attempt.next_attempt_at
    return {
        **key_of_task(task),
        **to_item(
            {
                "accountId": task.account_id,
                "eventId": task.event_id,
                "eventName": attempt.event_name,
                "externalId": attempt.external_id,
                "status": attempt.status,
                "errorMessage": attempt.error_message,
                "trigger": attempt.trigger,
                "uncounted": task.uncounted or None,
                "attemptedAt": to_millis(attempt.attempted_at),
                "nextAttemptAt": None if next_at is None else to_millis(next_at),
                "requestHeaders": json.dumps(dict(attempt.request_headers)),
                "responseStatus": attempt.response_status,
                "responseHeaders": json.dumps(attempt.response_headers),
                **body_attributes(attempt.response_body),
                "responseTruncated": attempt.response_truncated or None,
                "timingsMs": json.dumps(dict(attempt.timings_ms)),
                "remoteAddress": attempt.remote_address,
                "note": attempt.note,
                "ttl": to_millis(attempt.attempted_at + retention) // 1000,
            }
        ),
    }


def to_made(item: Mapping[str, Any]) -> MadeAttempt:
    """Build the facts about a recorded attempt that the next attempt needs."""
    return MadeAttempt(
        item.get("responseStatus"),
        _next_at(item),
        from_millis(item["attemptedAt"]),
        item["status"],
        item.get("uncounted", 0),
    )


def to_logged(item: Mapping[str, Any]) -> LoggedAttempt:
    """Build an attempt from an entry of the index `byAccount`."""
    return LoggedAttempt(
        id=attempt_id(*_delivery_and_attempt(item)),
        external_id=item.get("externalId"),
        event_name=item["eventName"],
        status=item["status"],
        error_message=item.get("errorMessage"),
        attempted_at=from_millis(item["attemptedAt"]),
    )


def to_attempt(item: Mapping[str, Any]) -> Attempt:
    """Build the complete attempt from its item."""
    delivery_id, attempt = _delivery_and_attempt(item)
    return Attempt(
        task=DeliveryTask(
            account_id=item["accountId"],
            webhook_id=UUID(item["pk"].removeprefix("WEBHOOK#")),
            event_id=item["eventId"],
            delivery_id=delivery_id,
            attempt=attempt,
            uncounted=item.get("uncounted", 0),
        ),
        event_name=item["eventName"],
        external_id=item.get("externalId"),
        status=item["status"],
        error_message=item.get("errorMessage"),
        trigger=item["trigger"],
        attempted_at=from_millis(item["attemptedAt"]),
        next_attempt_at=_next_at(item),
        request_headers=json.loads(item["requestHeaders"]),
        response_status=item.get("responseStatus"),
        response_headers=tuple((name, value) for name, value in json.loads(item["responseHeaders"])),
        response_body=kept_body(item),
        response_truncated=item.get("responseTruncated", False),
        timings_ms=json.loads(item["timingsMs"]),
        remote_address=item.get("remoteAddress"),
        note=item.get("note"),
    )


def _delivery_and_attempt(item: Mapping[str, Any]) -> tuple[UUID, int]:
    delivery_id, _, attempt = item["sk"].partition("#")
    return UUID(delivery_id), int(attempt)


def _next_at(item: Mapping[str, Any]) -> datetime | None:
    return from_millis(item["nextAttemptAt"]) if "nextAttemptAt" in item else None
