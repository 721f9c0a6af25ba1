"""Response bodies with audit entries. The audit log never contains a secret."""

from typing import Any, Literal, TypedDict, cast

from latchhook.audit_log import AuditEvent
from latchhook.clock import rfc3339
from latchhook.edge.responses.formats import Moment, Uuid


class ActorResponse(TypedDict):
    """The caller or the system component that acted."""

    kind: Literal["user", "api_key", "oauth_token", "service", "system"]
    """`service` is a service token. `system` is Latchhook itself or a scanner that reports leaked keys."""
    id: str
    """The id of the user or the API key, `service_role` for a service token, or the name of the system component."""
    isOperator: bool
    """Whether the operator acted for the account. The id is then the operator's, not one of the account."""
    actingUserId: str | None
    """The user that the operator named with `X-Acting-User`; null without it."""


class AuditEventResponse(TypedDict):
    """The record of a change, a read of a secret, or a refused request."""

    id: Uuid
    action: str
    """The action, for example `api_key.created`, `webhook.secret_read` or `request.refused`."""
    targetId: str
    """The id of the changed object. For `request.refused`, the id of the account."""
    actor: ActorResponse
    sourceIp: str | None
    """The IP address that the request came from; null without a request."""
    requestId: str | None
    """The id of the request; null without a request."""
    occurredAt: Moment
    """The time of the action. Equal refusals of one caller within one minute are one entry with the minute's start."""
    details: dict[str, Any]
    """More facts, which depend on the action."""


class AuditEventListResponse(TypedDict):
    """A page of audit entries, newest first."""

    data: list[AuditEventResponse]
    nextCursor: str | None
    """The `cursor` of the next page; null on the last page."""


def audit_event_response(event: AuditEvent) -> AuditEventResponse:
    """Return the response body of an audit entry."""
    kind = cast('Literal["user", "api_key", "oauth_token", "service", "system"]', event.actor_kind)
    return {
        "id": str(event.id),
        "action": event.action,
        "targetId": event.target_id,
        "actor": {
            "kind": kind,
            "id": event.actor_id,
            "isOperator": event.is_operator,
            "actingUserId": event.acting_user_id,
        },
        "sourceIp": event.source_ip or None,
        "requestId": event.request_id or None,
        "occurredAt": rfc3339(event.occurred_at),
        "details": dict(event.details),
    }
