"""What the audit log's endpoint answers. No secret ever gets into the log."""

from typing import Any, Literal, TypedDict, cast

from latchhook.audit_log import AuditEvent
from latchhook.clock import rfc3339
from latchhook.edge.responses.formats import Moment, Uuid


class ActorResponse(TypedDict):
    """Who did it."""

    kind: Literal["user", "api_key", "service", "system"]
    """`system` is this service itself: its schedules and scanners."""
    id: str
    """The user's or the key's id, or the name of the schedule or scanner."""


class AuditEventResponse(TypedDict):
    """Something that was done in the account, or tried."""

    id: Uuid
    action: str
    """`thing.verb`: `api_key.created`, `webhook.secret_read`; `request.refused` for what was not allowed."""
    targetId: str
    """The id of what it was done to; the account's own for `request.refused`."""
    actor: ActorResponse
    sourceIp: str | None
    """The address that the request came from; null where nobody called."""
    requestId: str | None
    """The request's id; null where there was none."""
    occurredAt: Moment
    """Refused attempts of one caller at one route, for one reason, are one event a minute, dated at its beginning."""
    details: dict[str, Any]
    """What else there is to know, by action."""


class AuditEventListResponse(TypedDict):
    """A page of the audit log, newest first."""

    data: list[AuditEventResponse]
    nextCursor: str | None
    """Where the next page starts; null on the last one."""


def audit_event_response(event: AuditEvent) -> AuditEventResponse:
    """The event as the account's admins see it."""
    kind = cast('Literal["user", "api_key", "service", "system"]', event.actor_kind)
    return {
        "id": str(event.id),
        "action": event.action,
        "targetId": event.target_id,
        "actor": {"kind": kind, "id": event.actor_id},
        "sourceIp": event.source_ip or None,
        "requestId": event.request_id or None,
        "occurredAt": rfc3339(event.occurred_at),
        "details": dict(event.details),
    }
