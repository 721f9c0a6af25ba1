"""GET /event-types: list the registered event types."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.event_types import event_types_table
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.event_types import EventTypeListResponse, event_type_response

LIST = "event-types"

types = event_types_table()


@endpoint(
    Description(
        summary="List event types",
        description="Returns the registered event types, sorted by name. All accounts share the same event types.",
        scope="event-types:read",
        response=EventTypeListResponse,
        account_wide=False,
        paged=True,
    )
)
def handler(request: Request[None]) -> Response:
    """List event types."""
    limit, after = request.page(LIST, default_limit=50)
    page = types.page(limit=limit, after=after)
    response: EventTypeListResponse = {
        "data": [event_type_response(event_type) for event_type in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(response)
