"""GET /event-types: what happens here, by name: for whoever picks events for a webhook (document 003)."""

from latchhook import bootstrap
from latchhook.edge import cursors
from latchhook.edge.answers.event_types import EventTypeListAnswer, event_type_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

LIST = "event-types"

types = bootstrap.event_types()


@bootstrap.endpoint(Description(scope="event-types:read", answer=EventTypeListAnswer, account_wide=False, paged=True))
def handler(request: Request[None]) -> Answer:
    """List event types."""
    limit, after = request.page(LIST, default_limit=50)
    page = types.page(limit=limit, after=after)
    answer: EventTypeListAnswer = {
        "data": [event_type_answer(event_type) for event_type in page.things],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(answer)
