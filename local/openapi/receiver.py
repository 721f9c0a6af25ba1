"""Describes the request to receivers: the document's `webhooks` section, with an example that has valid signatures."""

import json
from datetime import UTC, datetime
from typing import Any

from latchhook.webhooks.event import event_body
from latchhook.webhooks.signatures import signature_headers
from local.openapi.examples import DELIVERY_ID, EVENT, WEBHOOK_ID, WEBHOOK_SECRET

PREFIX = "X-Latchhook"
_SENT_AT = datetime(2026, 5, 1, 10, 0, 6, tzinfo=UTC)

SCHEMA = {
    "description": "An event.",
    "type": "object",
    "properties": {
        "event": {"type": "string", "description": "The event's name."},
        "accountId": {"type": "string", "description": "The account of the event."},
        "entity": {"type": "object", "description": "The data of the event.", "additionalProperties": True},
        "id": {"type": "string", "description": "The event's id, which is the same for all webhooks and attempts."},
        "occurredAt": {"type": "string", "format": "date-time", "description": "The time of the event."},
    },
    "required": ["event", "accountId", "entity", "id", "occurredAt"],
}

_HEADERS = {
    f"{PREFIX}-Signature": "`sha256=` and the hex HMAC-SHA256 of the raw body. The key is the text of the secret.",
    f"{PREFIX}-Event": "The event's name.",
    f"{PREFIX}-Webhook-Id": "The webhook's id.",
    "webhook-id": "The delivery's id, which is the same for all attempts. Receivers use it to recognise duplicates.",
    "webhook-timestamp": "The time of this attempt, in seconds since 1970.",
    "webhook-signature": (
        "Signatures of `id.timestamp.body` by Standard Webhooks 1.0, separated by spaces: `v1,` and the base64"
        " HMAC-SHA256 for each secret that signs, then `v1a,` and the base64 Ed25519 signature for each key pair. The"
        " HMAC key is the base64-decoded part of the secret after `whsec_`."
    ),
}


def webhooks() -> dict[str, Any]:
    """Return the description of the request to a webhook's endpoint URL."""
    body = event_body(
        event_id=EVENT["id"],
        name=EVENT["event"],
        account_id=EVENT["accountId"],
        entity=EVENT["entity"],
        occurred_at=datetime.fromisoformat(EVENT["occurredAt"]),
    )
    example = signature_headers(
        header_prefix=PREFIX,
        event_name=EVENT["event"],
        webhook_uuid=WEBHOOK_ID,
        delivery_id=DELIVERY_ID,
        body=body.encode(),
        secrets=[WEBHOOK_SECRET],
        now=_SENT_AT,
    )
    parameters = [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": description,
            "schema": {"type": "string"},
            "example": example[name],
        }
        for name, description in _HEADERS.items()
    ]
    post = {
        "operationId": "ReceiveEvent",
        "summary": "Receive an event",
        "description": (
            "Sent at least once to every webhook that is subscribed and matches. A deployment may use another prefix"
            f" than `{PREFIX}`. Any 2xx is a success. Redirects are not followed. A failed attempt is retried after"
            " increasing waiting times. 410 disables the webhook. `Retry-After` of a 429 or 503 is respected."
        ),
        "tags": ["Deliveries"],
        "security": [],
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Event"}, "example": json.loads(body)}
            },
        },
        "responses": {
            "2XX": {"description": "The receiver has accepted the event."},
            "410": {"description": "The receiver no longer exists. The webhook is disabled."},
            "default": {"description": "The attempt failed and is retried."},
        },
    }
    return {"event": {"post": post}}
