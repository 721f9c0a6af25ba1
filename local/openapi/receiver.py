"""What a receiver gets: the `webhooks` part of the document, with an example whose signatures are right."""

import json
from datetime import UTC, datetime
from typing import Any

from latchhook.webhooks.event import event_body
from latchhook.webhooks.signatures import signature_headers
from local.openapi.examples import DELIVERY_ID, EVENT, WEBHOOK_ID, WEBHOOK_SECRET

PREFIX = "X-Latchhook"
_SENT_AT = datetime(2026, 5, 1, 10, 0, 6, tzinfo=UTC)

SCHEMA = {
    "description": "What happened.",
    "type": "object",
    "properties": {
        "event": {"type": "string", "description": "The event's name."},
        "accountId": {"type": "string", "description": "Whose event it is."},
        "entity": {"type": "object", "description": "What it happened to.", "additionalProperties": True},
        "id": {"type": "string", "description": "The event's id: the same over all webhooks and attempts."},
        "occurredAt": {"type": "string", "format": "date-time"},
    },
    "required": ["event", "accountId", "entity", "id", "occurredAt"],
}

_HEADERS = {
    f"{PREFIX}-Signature": "`sha256=` and the hex HMAC-SHA256 of the raw body; the key is the secret as it is written.",
    f"{PREFIX}-Event": "The event's name.",
    f"{PREFIX}-Webhook-Id": "The webhook's id.",
    "webhook-id": "The delivery's id, the same over all its attempts: by it a receiver knows what it has seen.",
    "webhook-timestamp": "When this attempt was sent, in seconds since 1970.",
    "webhook-signature": (
        "Standard Webhooks 1.0: for each live secret `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`, separated"
        " by spaces; the key is what follows `whsec_`, base64-decoded."
    ),
}


def webhooks() -> dict[str, Any]:
    """The request that is sent to a webhook's URL."""
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
            "Sent to every webhook that picks the event, at least once. A deployment may use another prefix than"
            f" `{PREFIX}`. Any 2xx is a success; redirects are not followed. A failed attempt is made again, later and"
            " later; 410 disables the webhook; `Retry-After` of a 429 or 503 is kept."
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
            "2XX": {"description": "It is received."},
            "410": {"description": "There is no receiver any more: the webhook is disabled."},
            "default": {"description": "It is not received, and comes again."},
        },
    }
    return {"event": {"post": post}}
