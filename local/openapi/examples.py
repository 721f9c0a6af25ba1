"""The examples of requests and responses. All secrets in this file are invented.

The keys' checksums are wrong and the webhook secrets contain readable text. Secret scanners therefore ignore them, and
no deployment can contain them.
"""

import base64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from local.openapi.example import Example, answered
from local.openapi.oauth_examples import OAUTH_EXAMPLES

KEY = "lh_live_5wZwExampleOnlyNotAKeyWhoseChecksumHoldsAtAll00000000"
OTHER_KEY = "lh_live_5wZwExampleOnlyAnotherTextOfTheSameKeyAfterIt0000000"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"an example, never a real one!!").decode()
OTHER_WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"the next example of a secret!!").decode()
WEBHOOK_PUBLIC_KEY = "whpk_" + base64.b64encode(b"an example, and no public key!!!").decode()
OTHER_WEBHOOK_PUBLIC_KEY = "whpk_" + base64.b64encode(b"the next example of a public key").decode()

KEY_ID = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
WEBHOOK_ID = "5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21"
TEST_EVENT_ID = "test-9e107d9d-372b-4b6d-8a3c-1f0e2d4c5b6a"
DELIVERY_ID = "019de2f4-2080-8c5b-9d2e-6f1a7b3c4d5e"
RECOVERY_ID = "019de2f4-2080-7c5b-9d2e-6f1a7b3c4d5e"
OTHER_EVENT_ID = "2f9d6c1a-8e47-4b35-9a60-d1c7e3f5b824"
USER_ID = "8d3f1c52-6a0e-4b7d-9c41-2f5e8a6b0d13"
CURSOR = "pQe3xkGmR2xbIjE3Nzc2Mjk2MDAwMDAiXQ"


DAYS_OF_ATTEMPTS = [
    {"date": "2026-05-25", "attempts": 0, "succeeded": 0, "failed": 0, "successRate": None, "latencyMs": None},
    {
        "date": "2026-05-26",
        "attempts": 1_240,
        "succeeded": 1_209,
        "failed": 31,
        "successRate": 0.975,
        "latencyMs": {"p50": 117.38, "p90": 234.75, "p95": 331.99, "p99": 1327.95},
    },
]


API_KEY: Mapping[str, Any] = {
    "id": KEY_ID,
    "accountId": "acme",
    "userId": USER_ID,
    "ownerUserId": USER_ID,
    "followsOwner": False,
    "name": "Production Integration",
    "description": "Orders from the web shop",
    "prefix": "lh_live_5wZw",
    "keyPrefix": "lh_live_5wZw",
    "scopes": ["orders:read", "orders:write", "products:read", "inventory:read"],
    "profileId": None,
    "status": "active",
    "createdAt": "2026-05-01T10:00:00Z",
    "updatedAt": "2026-05-01T10:00:00Z",
    "rotatedAt": None,
    "expiresAt": "2027-01-20T00:00:00Z",
    "lastUsedAt": None,
    "revokedAt": None,
    "requestCount": 0,
    "metadata": {"team": "fulfilment"},
    "rateLimit": {"limit": 600, "windowSeconds": 60, "burst": 100},
    "credits": {
        "remaining": 50_000,
        "refill": {"amount": 50_000, "interval": "monthly", "nextAt": "2026-06-01T00:00:00Z"},
    },
    "ipAllowList": ["203.0.113.0/24", "2001:db8::/32"],
}
USED_API_KEY = {
    **API_KEY,
    "lastUsedAt": "2026-05-26T08:44:00Z",
    "requestCount": 18_204,
    "credits": {**API_KEY["credits"], "remaining": 31_796},
}
CHANGED_API_KEY = {**USED_API_KEY, "updatedAt": "2026-05-26T09:00:00Z"}
SETTINGS: Mapping[str, Any] = {
    "name": "Production Integration",
    "description": "Orders from the web shop",
    "scopes": ["orders:read", "orders:write", "products:read", "inventory:read"],
    "expiresAt": "2027-01-20T00:00:00Z",
    "metadata": {"team": "fulfilment"},
    "rateLimit": {"limit": 600, "windowSeconds": 60, "burst": 100},
    "credits": {"remaining": 50_000, "refill": {"amount": 50_000, "interval": "monthly"}},
    "ipAllowList": ["203.0.113.0/24", "2001:db8::/32"],
}

PROFILE: Mapping[str, Any] = {
    "id": "c2a1e6d4-7b3f-4e58-8d90-1f6a2b5c7e34",
    "accountId": "acme",
    "name": "Order readers",
    "description": None,
    "rules": [{"effect": "allow", "actions": ["orders:*"]}, {"effect": "deny", "actions": ["orders:write"]}],
    "keyCount": 0,
    "memberCount": 0,
    "createdAt": "2026-05-01T10:00:00Z",
    "updatedAt": "2026-05-01T10:00:00Z",
}
CHANGED_PROFILE = {
    **PROFILE,
    "description": "Permissions of the warehouse's tools",
    "rules": [{"effect": "allow", "actions": ["orders:read", "inventory:*"]}],
    "keyCount": 3,
    "memberCount": 1,
    "updatedAt": "2026-05-26T09:00:00Z",
}

LISTED_MEMBER: Mapping[str, Any] = {
    "userId": "auth0|64f0c2a1",
    "accountId": "acme",
    "role": "advisor",
    "profileId": None,
    "name": "Mira Okafor",
    "email": "mira@example.com",
    "clientAccountCount": 2,
    "createdAt": "2026-05-01T10:00:00Z",
    "updatedAt": "2026-05-26T09:00:00Z",
}
MEMBER = {**LISTED_MEMBER, "clientAccountIds": ["globex", "initech"]}

WEBHOOK: Mapping[str, Any] = {
    "id": WEBHOOK_ID,
    "url": "https://your-system.example.com/webhook",
    "events": ["order.created", "invoice.paid", "ticket.*"],
    "filter": None,
    "status": "active",
    "disabledReason": None,
    "failingSince": None,
    "recoverSince": None,
    "description": "Orders and tickets for the warehouse",
    "headers": {"X-Team": "7", "Authorization": "[redacted]"},
    "retryScheduleSeconds": [5, 60, 3600],
    "rateLimit": None,
    "slowSeconds": None,
    "asymmetricSignatures": False,
    "publicKeys": [],
    "createdAt": "2026-05-01T10:00:00Z",
    "updatedAt": "2026-05-01T10:00:00Z",
}
CHANGED_WEBHOOK: Mapping[str, Any] = {
    **WEBHOOK,
    "events": ["ticket.*"],
    "filter": {"entity": {"severity": [{"ordinal": [">=", "major"]}]}},
    "headers": {"Authorization": "[redacted]"},
    "retryScheduleSeconds": None,
    "rateLimit": {"limit": 100, "windowSeconds": 60},
    "asymmetricSignatures": True,
    "publicKeys": [WEBHOOK_PUBLIC_KEY],
    "updatedAt": "2026-05-26T09:00:00Z",
}
DISABLED_WEBHOOK: Mapping[str, Any] = {
    **CHANGED_WEBHOOK,
    "status": "disabled",
    "disabledReason": "failing",
    "failingSince": "2026-05-21T14:02:00Z",
    "updatedAt": "2026-05-26T14:32:00Z",
}

RECOVERY: Mapping[str, Any] = {
    "id": RECOVERY_ID,
    "webhookId": WEBHOOK_ID,
    "only": None,
    "since": "2026-05-21T14:02:00Z",
    "until": "2026-05-26T15:00:00Z",
    "status": "running",
    "lookingFor": "failed",
    "reachedAt": None,
    "examined": 0,
    "sent": 0,
    "skipped": 0,
    "createdAt": "2026-05-26T15:00:00Z",
    "updatedAt": "2026-05-26T15:00:00Z",
    "endedAt": None,
}
RUNNING_RECOVERY: Mapping[str, Any] = {
    **RECOVERY,
    "reachedAt": "2026-05-24T03:11:07.250Z",
    "examined": 2_400,
    "sent": 800,
    "updatedAt": "2026-05-26T15:00:17Z",
}
ENDED: Mapping[str, Any] = {"updatedAt": "2026-05-26T15:00:40Z", "endedAt": "2026-05-26T15:00:40Z"}
CANCELLED_RECOVERY: Mapping[str, Any] = {**RUNNING_RECOVERY, **ENDED, "status": "cancelled"}
FINISHED_RECOVERY: Mapping[str, Any] = {
    **RUNNING_RECOVERY,
    **ENDED,
    "status": "finished",
    "lookingFor": "missing",
    "reachedAt": "2026-05-26T14:58:31Z",
    "examined": 3_950,
    "sent": 1_942,
    "skipped": 3,
}

ATTEMPT = {
    "id": "3f6c2a9e-8b1d-5e70-a4c3-9d2f1b7e6a58",
    "deliveryId": DELIVERY_ID,
    "webhookId": WEBHOOK_ID,
    "eventId": "ticket-42-resolved",
    "eventType": "ticket.resolved",
    "externalId": "PART-12345",
    "attempt": 2,
    "trigger": "retry",
    "status": "success",
    "errorMessage": None,
    "request": {
        "headers": {
            "Content-Type": "application/json",
            "User-Agent": "Latchhook/1.0",
            "X-Latchhook-Signature": "[redacted]",
            "X-Latchhook-Event": "ticket.resolved",
            "X-Latchhook-Webhook-Id": WEBHOOK_ID,
            "webhook-id": DELIVERY_ID,
            "webhook-timestamp": "1777629606",
            "webhook-signature": "[redacted]",
        }
    },
    "response": {"status": 200, "headers": {"content-type": "text/plain"}, "body": "thanks", "truncated": False},
    "timingsMs": {"dns": 3.1, "connect": 18.4, "tls": 22.7, "firstByte": 41.9, "total": 87.2},
    "note": None,
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
    "kind": "api_key",
    "keyId": KEY_ID,
    "accountId": "acme",
    "userId": USER_ID,
    "clientId": None,
    "grantId": None,
    "name": "Production Integration",
    "scopes": ["orders:read", "orders:write", "products:read", "inventory:read"],
    "profileId": None,
    "expiresAt": "2027-01-20T00:00:00Z",
    "rateLimit": {
        **API_KEY["rateLimit"],
        "remaining": 99,
        "retryAfterSeconds": 0,
        "resetSeconds": 1,
    },
    "credits": USED_API_KEY["credits"],
    "metadata": {"team": "fulfilment"},
}
REFUSED_VERDICT = {**VERDICT, "valid": False, "scopes": []}
RATE_LIMITED = {
    **REFUSED_VERDICT,
    "code": "RATE_LIMITED",
    "rateLimit": {**API_KEY["rateLimit"], "remaining": 0, "retryAfterSeconds": 1, "resetSeconds": 10},
}
NO_SUCH_KEY = {
    **REFUSED_VERDICT,
    "code": "NOT_FOUND",
    "kind": None,
    "keyId": None,
    "accountId": None,
    "userId": None,
    "name": None,
    "expiresAt": None,
    "rateLimit": None,
    "credits": None,
    "metadata": {},
}

EVENT: Mapping[str, Any] = {
    "event": "ticket.resolved",
    "accountId": "acme",
    "entity": {"id": 42, "severity": "major", "resolvedBy": "jo"},
    "id": "ticket-42-resolved",
    "occurredAt": "2026-05-01T09:59:58Z",
}

ISSUE_EVENT = {
    "event": "ticket.resolved",
    "accountId": "acme",
    "entity": {"number": 7, "severity": "critical"},
    "id": "ticket-7-resolved",
    "occurredAt": "2026-05-26T08:43:58Z",
}
EVENT_TYPE = {
    "name": "ticket.resolved",
    "description": "A ticket was resolved.",
    "schema": {
        "type": "object",
        "properties": {"number": {"type": "integer"}, "severity": {"enum": ["minor", "major", "critical"]}},
        "required": ["number", "severity"],
    },
    "example": {"number": 7, "severity": "major"},
    "orders": {"entity.severity": ["minor", "major", "critical"]},
    "createdAt": "2026-05-01T10:00:00Z",
    "updatedAt": "2026-05-01T10:00:00Z",
}
SCOPE = {
    "name": "reports:read",
    "description": "Read sales reports",
    "group": "Reports",
    "source": "operator",
    "createdAt": "2026-05-01T10:00:00Z",
    "updatedAt": "2026-05-01T10:00:00Z",
}
BILLING_PERIOD = {
    "accountId": "acme",
    "day": 15,
    "startsAt": "2026-05-15T00:00:00Z",
    "endsAt": "2026-06-15T00:00:00Z",
}
AUDIT_EVENT = {
    "id": "6b1f0c2e-4d5a-4f3b-8c7d-9e0a1b2c3d4e",
    "action": "api_key.rotated",
    "targetId": KEY_ID,
    "actor": {"kind": "user", "id": USER_ID, "isOperator": False, "actingUserId": None},
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
    "actor": {"kind": "api_key", "id": KEY_ID, "isOperator": False, "actingUserId": None},
    "occurredAt": "2026-05-26T08:44:00Z",
    "details": {"route": "POST /api-keys", "code": "insufficient_scope"},
}

PORTAL_SESSION: dict[str, Any] = {
    "id": "9b2f6c1e-4d3a-4f8e-a1b7-6c5d4e3f2a10",
    "accountId": "acme",
    "userId": MEMBER["userId"],
    "role": "admin",
    "profileId": None,
    "tabs": ["api-keys", "webhooks"],
    "returnUrl": None,
    "createdAt": "2026-05-01T10:00:00Z",
    "expiresAt": "2026-05-01T11:00:00Z",
}
PORTAL_CODE = "lhpc_example"
PORTAL_TOKEN = "lhps_example"  # noqa: S105 - an example

EXAMPLES: Mapping[str, Example] = {
    **OAUTH_EXAMPLES,
    "GenerateIntegrationKey": answered(
        {"apiKey": KEY, "name": "Recopart Production"}, request={"name": "Recopart Production"}
    ),
    "ListIntegrationKeys": answered(
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
    "GetWebhookSettings": answered(
        {"webhookUrl": "https://your-system.example.com/webhook", "webhookSecret": WEBHOOK_SECRET}
    ),
    "PutWebhookSettings": answered({"success": True}, {"webhookUrl": "https://your-system.example.com/webhook"}),
    "RotateWebhookSettingsSecret": answered(
        {"webhookUrl": "https://your-system.example.com/webhook", "webhookSecret": OTHER_WEBHOOK_SECRET}
    ),
    "ListIntegrationDeliveries": answered(
        {
            "deliveries": [
                {
                    "id": "9b1d4f83-7c26-5e0a-b8d1-4f3a2c6e9057",
                    "externalId": "PART-12345",
                    "eventType": "item.sold",
                    "status": "success",
                    "errorMessage": None,
                    "createdAt": "2026-05-26T14:32:00Z",
                },
                {
                    "id": "7e2a1c60-3d94-5f1b-a672-8c0e5b9d4f38",
                    "externalId": "PART-98765",
                    "eventType": "listing.failed",
                    "status": "failed",
                    "errorMessage": "Connection refused at https://your-system.example.com/webhook",
                    "createdAt": "2026-05-26T13:15:00Z",
                },
            ]
        }
    ),
    "CreateApiKey": Example(SETTINGS, {"good": {**API_KEY, "key": KEY}, "repeated": {**API_KEY, "key": None}}),
    "ListApiKeys": answered({"data": [USED_API_KEY], "nextCursor": CURSOR}),
    "GetApiKey": answered(USED_API_KEY),
    "ReplaceApiKey": answered(
        {**CHANGED_API_KEY, "name": "Production, read only", "scopes": ["orders:read"], "ipAllowList": []},
        request={
            **{name: value for name, value in SETTINGS.items() if name not in ("credits", "ipAllowList")},
            "name": "Production, read only",
            "scopes": ["orders:read"],
            "credits": {"remaining": 31_796, "refill": {"amount": 50_000, "interval": "monthly"}},
        },
    ),
    "UpdateApiKey": answered(
        {
            **CHANGED_API_KEY,
            "description": None,
            "credits": {**API_KEY["credits"], "remaining": 80_000},
            "status": "disabled",
        },
        request={"description": None, "credits": {"remaining": 80_000}, "status": "disabled"},
    ),
    "RevokeApiKey": Example(),
    "RotateApiKey": answered(
        {
            **CHANGED_API_KEY,
            "rotatedAt": CHANGED_API_KEY["updatedAt"],
            "key": OTHER_KEY,
            "previousKeyExpiresAt": "2026-05-26T09:05:00Z",
        },
        request={"gracePeriodSeconds": 300},
    ),
    "GetApiKeyUsage": answered(
        {
            "keyId": KEY_ID,
            "requests": 1_912,
            "data": [
                {"day": "2026-05-25", "requests": 1_204, "refused": {}},
                {"day": "2026-05-26", "requests": 708, "refused": {"INSUFFICIENT_SCOPE": 2, "RATE_LIMITED": 31}},
            ],
        }
    ),
    "ListApiKeyUsage": answered(
        {
            "data": [
                {
                    "keyId": KEY_ID,
                    "name": API_KEY["name"],
                    "prefix": API_KEY["prefix"],
                    "requests": 1_912,
                    "data": [{"day": "2026-05-25", "requests": 1_204}, {"day": "2026-05-26", "requests": 708}],
                }
            ],
            "nextCursor": None,
        }
    ),
    "GetCurrentApiKey": answered({**USED_API_KEY, "grantedScopes": sorted(API_KEY["scopes"])}),
    "RevokeCurrentApiKey": Example(),
    "RevokeApiKeys": answered(
        {
            "dryRun": True,
            "data": [
                {
                    "id": KEY_ID,
                    "outcome": "would_be_revoked",
                    "name": "Production Integration",
                    "prefix": "lh_live_5wZw",
                }
            ],
            "nextCursor": None,
        },
        request={"filter": {"unusedSince": "2026-06-01T00:00:00Z", "scope": "orders:write"}, "dryRun": True},
    ),
    "ImportApiKeys": answered(
        {
            "data": [
                {"id": "e1b7c3a0-52d4-4f6e-8a19-7c0d3b5e9f28", "outcome": "created"},
                {"id": "a94f0c6b-1d38-47e2-9b5a-3e8c7f2d6014", "outcome": "exists"},
            ]
        },
        request={
            "keys": [
                {
                    "name": "Shop, from the old system",
                    "scopes": ["orders:read"],
                    "hash": sha256(b"an example, never a key").hexdigest(),
                    "prefix": "old_live_x7",
                },
                {"name": "Till", "hash": sha256(b"another example, never a key").hexdigest()},
            ]
        },
    ),
    "VerifyApiKey": Example(
        {
            "key": KEY,
            "requiredScopes": {"or": ["orders:write", {"and": ["orders:read", "products:read"]}]},
            "cost": 1,
            "ipAddress": "203.0.113.24",
        },
        {
            "good": VERDICT,
            "expired": {**REFUSED_VERDICT, "code": "EXPIRED", "expiresAt": "2026-04-30T00:00:00Z"},
            "rateLimited": RATE_LIMITED,
            "unknown": NO_SUCH_KEY,
        },
    ),
    "VerifyApiKeys": answered(
        {"data": [VERDICT, NO_SUCH_KEY]},
        request={"keys": [{"key": KEY, "requiredScopes": ["orders:read"]}, {"key": OTHER_KEY}]},
    ),
    "CreatePermissionProfile": answered(
        PROFILE,
        request={"name": PROFILE["name"], "rules": PROFILE["rules"]},
    ),
    "ListPermissionProfiles": answered({"data": [CHANGED_PROFILE], "nextCursor": None}),
    "GetPermissionProfile": answered(CHANGED_PROFILE),
    "UpdatePermissionProfile": answered(
        CHANGED_PROFILE,
        request={"description": CHANGED_PROFILE["description"], "rules": CHANGED_PROFILE["rules"]},
    ),
    "DeletePermissionProfile": Example(),
    "ListMembers": answered({"data": [LISTED_MEMBER], "nextCursor": None}),
    "GetMember": answered(MEMBER),
    "GetMe": answered(
        {
            "kind": "user",
            "id": MEMBER["userId"],
            "userId": MEMBER["userId"],
            "name": MEMBER["name"],
            "email": MEMBER["email"],
            "accountId": "acme",
            "clientAccountIds": MEMBER["clientAccountIds"],
            "role": "advisor",
            "profileId": None,
            "scopes": ["*"],
            "isOperator": False,
        }
    ),
    "PutMember": answered(
        MEMBER, request={name: MEMBER[name] for name in ("role", "name", "email", "clientAccountIds")}
    ),
    "DeleteMember": Example(),
    "CreatePortalSession": answered(
        {**PORTAL_SESSION, "url": f"https://api.example.com/admin/integrations#portal_code={PORTAL_CODE}"},
        request={
            "accountId": "acme",
            "userId": MEMBER["userId"],
            "role": "admin",
            "tabs": ["api-keys", "webhooks"],
            "expiresInSeconds": 3600,
        },
    ),
    "ExchangePortalCode": answered(
        {
            "token": PORTAL_TOKEN,
            "sessionId": PORTAL_SESSION["id"],
            **{name: PORTAL_SESSION[name] for name in ("accountId", "userId", "tabs", "returnUrl", "expiresAt")},
        },
        request={"code": PORTAL_CODE},
    ),
    "GetPortalSession": answered(PORTAL_SESSION),
    "DeletePortalSession": Example(),
    "CreateWebhook": Example(
        {
            "url": "https://your-system.example.com/webhook",
            "events": ["order.created", "invoice.paid", "ticket.*"],
            "description": "Orders and tickets for the warehouse",
            "headers": {"X-Team": "7", "Authorization": "Bearer example-token"},
            "retryScheduleSeconds": [5, 60, 3600],
        },
        {"good": {**WEBHOOK, "secret": WEBHOOK_SECRET}, "repeated": {**WEBHOOK, "secret": None}},
    ),
    "GetWebhookStats": answered({"webhookId": WEBHOOK_ID, "data": DAYS_OF_ATTEMPTS}),
    "ListWebhookStats": answered(
        {
            "data": DAYS_OF_ATTEMPTS,
            "webhooks": [
                {
                    "id": WEBHOOK_ID,
                    "attempts": 1_240,
                    "failed": 31,
                    "last24Hours": [
                        {
                            "hour": f"2026-05-{25 if hour > 9 else 26}T{hour:02d}:00:00Z",
                            "attempts": 50 + hour,
                            "failed": 3 if hour == 14 else 0,
                        }
                        for hour in (*range(10, 24), *range(10))
                    ],
                }
            ],
        }
    ),
    "ListWebhooks": answered({"data": [WEBHOOK], "nextCursor": None}),
    "GetWebhook": Example(responses={"good": CHANGED_WEBHOOK, "disabled": DISABLED_WEBHOOK}),
    "UpdateWebhook": answered(
        CHANGED_WEBHOOK,
        request={
            "events": CHANGED_WEBHOOK["events"],
            "filter": CHANGED_WEBHOOK["filter"],
            "headers": {"X-Team": None},
            "retryScheduleSeconds": None,
            "rateLimit": CHANGED_WEBHOOK["rateLimit"],
            "asymmetricSignatures": True,
        },
    ),
    "RotateWebhookSecret": answered(
        {
            **CHANGED_WEBHOOK,
            "publicKeys": [OTHER_WEBHOOK_PUBLIC_KEY, WEBHOOK_PUBLIC_KEY],
            "secret": OTHER_WEBHOOK_SECRET,
            "previousSecretsSignUntil": "2026-05-27T09:00:00Z",
        },
        request={"gracePeriodSeconds": 86_400},
    ),
    "DeleteWebhook": Example(),
    "SendTestDelivery": answered(
        {**ATTEMPT, "eventId": TEST_EVENT_ID, "externalId": None, "attempt": 1, "trigger": "test"},
        request={"event": "ticket.resolved", "entity": {"id": 42, "severity": "major", "resolvedBy": "jo"}},
    ),
    "GetWebhookDelivery": answered(
        {
            "id": DELIVERY_ID,
            "webhookId": WEBHOOK_ID,
            "eventId": "ticket-42-resolved",
            "eventType": "ticket.resolved",
            "externalId": "PART-12345",
            "status": "success",
            "requestBody": '{"event":"ticket.resolved","accountId":"acme","entity":{"id":42},"id":"ticket-42-resolved",'
            '"occurredAt":"2026-05-01T09:59:58Z"}',
            "nextAttemptAt": None,
            "attempts": [ATTEMPT, FAILED_ATTEMPT],
        }
    ),
    "RetryWebhookDelivery": answered({"deliveryId": DELIVERY_ID, "attempt": 3}),
    "RecoverWebhook": answered(RECOVERY, request={"since": RECOVERY["since"], "only": None}),
    "ListWebhookRecoveries": answered({"data": [RUNNING_RECOVERY], "nextCursor": CURSOR}),
    "GetWebhookRecovery": Example(responses={"good": RUNNING_RECOVERY, "finished": FINISHED_RECOVERY}),
    "CancelWebhookRecovery": answered(CANCELLED_RECOVERY),
    "ListWebhookDeliveries": answered({"data": [ATTEMPT, FAILED_ATTEMPT], "nextCursor": None}),
    "ListAuditEvents": answered({"data": [AUDIT_EVENT, REFUSED_ATTEMPT], "nextCursor": CURSOR}),
    "CheckWebhookFilter": answered(
        {"matches": True, "event": ISSUE_EVENT},
        request={"filter": {"entity": {"severity": [{"ordinal": [">=", "major"]}]}}, "event": ISSUE_EVENT},
    ),
    "ListEventTypes": answered({"data": [EVENT_TYPE], "nextCursor": None}),
    "PutEventType": answered(
        EVENT_TYPE, request={name: EVENT_TYPE[name] for name in ("description", "schema", "example", "orders")}
    ),
    "DeleteEventType": Example(),
    "GetBillingPeriod": answered(BILLING_PERIOD),
    "PutBillingPeriod": answered(BILLING_PERIOD, request={"day": 15}),
    "ListScopes": answered({"data": [SCOPE], "nextCursor": None}),
    "PutScope": answered(SCOPE, request={name: SCOPE[name] for name in ("description", "group")}),
    "DeleteScope": Example(),
    "PublishEvent": answered(
        {"id": EVENT["id"]},
        request={**EVENT, "externalId": "PART-12345"},
    ),
    "PublishEvents": answered(
        {"data": [{"id": EVENT["id"]}, {"id": OTHER_EVENT_ID}]},
        request={
            "events": [
                {**EVENT, "externalId": "PART-12345"},
                {"accountId": "acme", "event": "order.created", "entity": {"number": 12, "total": "83.40"}},
            ]
        },
    ),
    "ReportGithubLeaks": Example(
        [
            {
                "token": OTHER_KEY,
                "type": "latchhook_api_key",
                "url": "https://github.com/octocat/Hello-World/blob/12345600b9cbe38a219f39a9941c9319b600c002/foo/bar.txt",
                "source": "content",
            }
        ],
        {
            "good": [
                {
                    "token_hash": sha256(OTHER_KEY.encode()).hexdigest(),
                    "token_type": "latchhook_api_key",
                    "label": "true_positive",
                }
            ]
        },
    ),
    "GetLeakedKeyPolicy": answered({"action": "disable"}),
    "PutLeakedKeyPolicy": answered({"action": "revoke"}, request={"action": "revoke"}),
}
"""The examples by operation id."""
