"""GET /audit-events: list the account's audit entries."""

from latchhook.bootstrap.audit import audit_log
from latchhook.bootstrap.endpoints import endpoint
from latchhook.edge import cursors
from latchhook.edge.audit_filters import FILTER_PARAMETERS, read_filter
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.audit_events import AuditEventListResponse, audit_event_response

LIST = "audit-events"

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
        query=FILTER_PARAMETERS,
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
