"""POST /events: this happened. Once it answers 202, the event is on the queue and will be delivered (document 003)."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import PublishedEventResponse
from latchhook.edge.schemas.events import PublishEventBody

builder = bootstrap.event_builder()
queue = bootstrap.event_queue()


@bootstrap.endpoint(
    Description(
        scope="events:write",
        body=PublishEventBody,
        response=PublishedEventResponse,
        status=202,
        account_wide=False,
    )
)
def handler(request: Request[PublishEventBody]) -> Response:
    """Publish an event."""
    event = builder.one(request.body, request.now)
    queue.publish(event, receipt=request.raw.request_id)
    published: PublishedEventResponse = {"id": event.id}
    return Response(202, published)
