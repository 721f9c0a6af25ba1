"""POST /events/batch: publish up to 100 events."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.publishing import event_builder
from latchhook.bootstrap.queues import event_queue
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.events import PublishedEventListResponse
from latchhook.edge.schemas.events import PublishEventsBody
from latchhook.webhooks.event import each_once

builder = event_builder()
queue = event_queue()


@endpoint(
    Description(
        summary="Publish several events",
        description=(
            "Accepts up to 100 events, which can belong to several accounts. If one event is invalid, no event is "
            "accepted. After a 503, some events may have been accepted: send the same batch again. The repeat "
            "duplicates only events without an `id`."
        ),
        scope="events:write",
        body=PublishEventsBody,
        response=PublishedEventListResponse,
        status=202,
        account_wide=False,
    )
)
def handler(request: Request[PublishEventsBody]) -> Response:
    """Publish several events."""
    events = builder.many(request.body.events, request.now)
    queue.publish_all(each_once(events), receipt=request.raw.request_id)
    published: PublishedEventListResponse = {"data": [{"id": event.id} for event in events]}
    return Response(202, published)
