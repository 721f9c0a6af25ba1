"""What requests and answers look like, as the products' documents show them. Every secret in here is made up.

The keys' checksums are wrong and the webhook secrets spell out what they are, so that no scanner takes them for leaked
ones and nobody's deployment can hold them.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KEY = "lh_live_5wZwExampleOnlyNotAKeyWhoseChecksumHoldsAtAll00000000"
OTHER_KEY = "lh_live_5wZwExampleOnlyAnotherTextOfTheSameKeyAfterIt0000000"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"an example, never a real one!!").decode()
OTHER_WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"the next example of a secret!!").decode()

KEY_ID = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
WEBHOOK_ID = "5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21"
DELIVERY_ID = "019de2f4-2080-8c5b-9d2e-6f1a7b3c4d5e"
USER_ID = "8d3f1c52-6a0e-4b7d-9c41-2f5e8a6b0d13"
CURSOR = "pQe3xkGmR2xbIjE3Nzc2Mjk2MDAwMDAiXQ"


@dataclass(frozen=True)
class Example:
    """One operation's examples: a body to send, and answers by name."""

    request: Any = None
    answers: Mapping[str, Any] = field(default_factory=dict)


def _answered(answer: Any, request: Any = None) -> Example:
    return Example(request, {"good": answer})


API_KEY = {
    "id": KEY_ID,
    "accountId": "acme",
    "userId": USER_ID,
    "name": "Production Integration",
    "description": "Orders from the web shop",
    "prefix": "lh_live_5wZw",
    "keyPrefix": "lh_live_5wZw",
    "scopes": ["orders:read", "orders:write", "products:read", "inventory:read"],
    "profileId": None,
    "status": "active",
    "createdAt": "2026-05-01T10:00:00Z",
    "updatedAt": "2026-05-01T10:00:00Z",
    "expiresAt": "2027-01-20T00:00:00Z",
    "lastUsedAt": None,
    "revokedAt": None,
    "requestCount": 0,
    "metadata": {"team": "fulfilment"},
    "rateLimit": None,
    "credits": None,
    "ipAllowList": [],
}
USED_API_KEY = {**API_KEY, "lastUsedAt": "2026-05-26T08:44:00Z", "requestCount": 18204}

WEBHOOK: Mapping[str, Any] = {
    "id": WEBHOOK_ID,
    "url": "https://your-system.example.com/webhook",
    "events": ["lap.created", "setup.updated", "issue.*"],
    "filter": None,
    "status": "active",
    "description": "Laps and issues for the garage",
    "headers": {},
    "createdAt": "2026-05-01T10:00:00Z",
    "updatedAt": "2026-05-01T10:00:00Z",
}

ATTEMPT = {
    "id": "3f6c2a9e-8b1d-5e70-a4c3-9d2f1b7e6a58",
    "deliveryId": DELIVERY_ID,
    "webhookId": WEBHOOK_ID,
    "eventId": "issue-42-resolved",
    "eventType": "issue.resolved",
    "externalId": "ERP_PART_12345",
    "attempt": 2,
    "trigger": "retry",
    "status": "success",
    "errorMessage": None,
    "request": {
        "headers": {
            "Content-Type": "application/json",
            "User-Agent": "Latchhook/1.0",
            "X-Latchhook-Signature": "[redacted]",
            "X-Latchhook-Event": "issue.resolved",
            "X-Latchhook-Webhook-Id": WEBHOOK_ID,
            "webhook-id": DELIVERY_ID,
            "webhook-timestamp": "1777629606",
            "webhook-signature": "[redacted]",
        }
    },
    "response": {"status": 200, "headers": {"content-type": "text/plain"}, "body": "thanks", "truncated": False},
    "timingsMs": {"dns": 3.1, "connect": 18.4, "tls": 22.7, "first_byte": 41.9, "total": 87.2},
    "remoteAddress": "93.184.215.14",
    "nextAttemptAt": None,
    "createdAt": "2026-05-01T10:00:06Z",
}
FAILED_ATTEMPT = {
    **ATTEMPT,
    "id": "6a0d4f17-25c8-5b93-8e1f-c7b2a9d03e64",
    "attempt": 1,
    "trigger": "event",
    "status": "failed",
    "errorMessage": "Connection refused at https://your-system.example.com/webhook",
    "response": None,
    "timingsMs": {"dns": 2.8, "total": 21.3},
    "nextAttemptAt": "2026-05-01T10:00:05.412Z",
    "createdAt": "2026-05-01T10:00:00.310Z",
}

VERDICT = {
    "valid": True,
    "code": "VALID",
    "keyId": KEY_ID,
    "accountId": "acme",
    "scopes": ["orders:read", "orders:write", "products:read", "inventory:read"],
    "profileId": None,
    "expiresAt": "2027-01-20T00:00:00Z",
    "rateLimit": None,
    "credits": None,
    "metadata": {"team": "fulfilment"},
}
NO_SUCH_KEY = {
    **VERDICT,
    "valid": False,
    "code": "NOT_FOUND",
    "keyId": None,
    "accountId": None,
    "scopes": [],
    "expiresAt": None,
    "metadata": {},
}

EVENT: Mapping[str, Any] = {
    "event": "issue.resolved",
    "accountId": "acme",
    "entity": {"id": 42, "severity": "major", "resolvedBy": "jo"},
    "id": "issue-42-resolved",
    "occurredAt": "2026-05-01T09:59:58Z",
}

AUDIT_EVENT = {
    "id": "6b1f0c2e-4d5a-4f3b-8c7d-9e0a1b2c3d4e",
    "action": "api_key.rotated",
    "targetId": KEY_ID,
    "actor": {"kind": "user", "id": USER_ID},
    "sourceIp": "203.0.113.24",
    "requestId": "JKxQ09mZIAMEJ8w=",
    "occurredAt": "2026-05-26T09:00:00.250Z",
    "details": {"previousKeyExpiresAt": "2026-05-26T09:05:00Z"},
}
REFUSED_ATTEMPT = {
    **AUDIT_EVENT,
    "id": "d3b07384-d9a0-5c9b-8f6e-2b1c4d5e6f70",
    "action": "request.refused",
    "targetId": "acme",
    "actor": {"kind": "api_key", "id": KEY_ID},
    "occurredAt": "2026-05-26T08:44:00Z",
    "details": {"route": "POST /api-keys", "code": "insufficient_scope"},
}

EXAMPLES: Mapping[str, Example] = {
    "GenerateIntegrationKey": _answered(
        {"apiKey": KEY, "name": "Recopart Production"}, request={"name": "Recopart Production"}
    ),
    "ListIntegrationKeys": _answered(
        {
            "keys": [
                {
                    "id": KEY_ID,
                    "userId": USER_ID,
                    "prefix": "lh_live_5wZw",
                    "name": "Recopart Production",
                    "createdAt": "2026-05-01T10:00:00Z",
                    "lastUsedAt": "2026-05-26T08:44:00Z",
                    "revokedAt": None,
                }
            ]
        }
    ),
    "RevokeIntegrationKey": Example(),
    "GetWebhookSettings": _answered(
        {"webhookUrl": "https://your-system.example.com/webhook", "webhookSecret": WEBHOOK_SECRET}
    ),
    "PutWebhookSettings": _answered({"success": True}, {"webhookUrl": "https://your-system.example.com/webhook"}),
    "RotateWebhookSettingsSecret": _answered(
        {"webhookUrl": "https://your-system.example.com/webhook", "webhookSecret": OTHER_WEBHOOK_SECRET}
    ),
    "ListIntegrationDeliveries": _answered(
        {
            "deliveries": [
                {
                    "id": "9b1d4f83-7c26-5e0a-b8d1-4f3a2c6e9057",
                    "externalId": "ERP_PART_12345",
                    "eventType": "item.sold",
                    "status": "success",
                    "errorMessage": None,
                    "createdAt": "2026-05-26T14:32:00Z",
                },
                {
                    "id": "7e2a1c60-3d94-5f1b-a672-8c0e5b9d4f38",
                    "externalId": "ERP_PART_98765",
                    "eventType": "listing.failed",
                    "status": "failed",
                    "errorMessage": "Connection refused at https://your-system.example.com/webhook",
                    "createdAt": "2026-05-26T13:15:00Z",
                },
            ]
        }
    ),
    "CreateApiKey": _answered(
        {**API_KEY, "key": KEY},
        request={
            "name": "Production Integration",
            "description": "Orders from the web shop",
            "scopes": ["orders:read", "orders:write", "products:read", "inventory:read"],
            "expiresAt": "2027-01-20T00:00:00Z",
            "metadata": {"team": "fulfilment"},
        },
    ),
    "ListApiKeys": _answered({"data": [USED_API_KEY], "nextCursor": CURSOR}),
    "GetApiKey": _answered(USED_API_KEY),
    "RevokeApiKey": Example(),
    "RotateApiKey": _answered(
        {
            **USED_API_KEY,
            "updatedAt": "2026-05-26T09:00:00Z",
            "key": OTHER_KEY,
            "previousKeyExpiresAt": "2026-05-26T09:05:00Z",
        },
        request={"gracePeriodSeconds": 300},
    ),
    "VerifyApiKey": Example(
        {"key": KEY, "requiredScopes": ["orders:read"]},
        {
            "good": VERDICT,
            "expired": {**VERDICT, "valid": False, "code": "EXPIRED", "expiresAt": "2026-04-30T00:00:00Z"},
            "unknown": NO_SUCH_KEY,
        },
    ),
    "CreateWebhook": _answered(
        {**WEBHOOK, "secret": WEBHOOK_SECRET},
        request={
            "url": "https://your-system.example.com/webhook",
            "events": ["lap.created", "setup.updated", "issue.*"],
            "description": "Laps and issues for the garage",
        },
    ),
    "ListWebhooks": _answered({"data": [WEBHOOK], "nextCursor": None}),
    "DeleteWebhook": Example(),
    "ListWebhookDeliveries": _answered({"data": [ATTEMPT, FAILED_ATTEMPT], "nextCursor": None}),
    "ListAuditEvents": _answered({"data": [AUDIT_EVENT, REFUSED_ATTEMPT], "nextCursor": CURSOR}),
    "PublishEvent": _answered(
        {"id": EVENT["id"]},
        request={**EVENT, "externalId": "ERP_PART_12345"},
    ),
}
"""By operation id."""
