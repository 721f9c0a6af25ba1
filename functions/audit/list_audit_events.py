"""GET /audit-events: list the account's audit entries."""

from latchhook.bootstrap.audit import audit_log
from latchhook.bootstrap.endpoints import endpoint
from latchhook.edge import cursors
from latchhook.edge.audit_filters import MAX_ID_LENGTH, read_filter
from latchhook.edge.endpoint import Description, QueryParameter, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.audit_events import AuditEventListResponse, audit_event_response

LIST = "audit-events"
ID = {"type": "string", "minLength": 1, "maxLength": MAX_ID_LENGTH}
MOMENT = {"type": "string", "format": "date-time"}

log = audit_log()


@endpoint(
    Description(
        summary="List audit entries",
        description=(
            "Returns the account's audit entries, newest first: changes, reads of secrets, and refused requests. A "
            "request examines at most 1,000 entries, so a page can be short or empty and still have a `nextCursor`."
        ),
        scope="audit-events:read",
        response=AuditEventListResponse,
        paged=True,
        query=(
            QueryParameter(
                "action",
                "Return only entries with this action, or with this prefix if it ends with `.*`.",
                "api_key.*",
            ),
            QueryParameter(
                "actorId",
                "Return only entries of the user or API key with this id.",
                "8d3f1c52-6a0e-4b7d-9c41-2f5e8a6b0d13",
                ID,
            ),
            QueryParameter(
                "targetId",
                "Return only entries about the object with this id.",
                "f47ac10b-58cc-4372-a567-0e02b2c3d479",
                ID,
            ),
            QueryParameter("since", "Return only entries at this time or later.", "2026-05-01T00:00:00Z", MOMENT),
            QueryParameter("until", "Return only entries before this time.", "2026-06-01T00:00:00Z", MOMENT),
        ),
    )
)
def handler(request: Request[None]) -> Response:
    """List audit entries."""
    wanted = read_filter(request)
    limit, after = request.page(LIST, default_limit=50)
    page = log.page(request.account_id, wanted, limit=limit, after=after)
    response: AuditEventListResponse = {
        "data": [audit_event_response(event) for event in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(response)
