"""POST /events/batch: up to a hundred events; if one is not as it must be, none is accepted.

After a 503 some of them may have been. The same batch can be sent again: events with ids of yours are the same events
then; those without are new events.
"""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.events import PublishedEventListResponse
from latchhook.edge.schemas.events import PublishEventsBody
from latchhook.webhooks.event import each_once

builder = bootstrap.event_builder()
queue = bootstrap.event_queue()


@bootstrap.endpoint(
    Description(
        scope="events:write",
        body=PublishEventsBody,
        response=PublishedEventListResponse,
        status=202,
        account_wide=False,
    )
)
def handler(request: Request[PublishEventsBody]) -> Response:
    """Publish events."""
    events = builder.many(request.body.events, request.now)
    queue.publish_all(each_once(events), receipt=request.raw.request_id)
    published: PublishedEventListResponse = {"data": [{"id": event.id} for event in events]}
    return Response(202, published)
