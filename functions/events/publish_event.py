"""POST /events: publish an event."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.publishing import event_builder
from latchhook.bootstrap.queues import event_queue
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import PublishedEventResponse
from latchhook.edge.schemas.events import PublishEventBody

builder = event_builder()
queue = event_queue()


@endpoint(
    Description(
        summary="Publish an event",
        description=(
            "Accepts an event for delivery to the account's webhooks. The response 202 means that the event is stored "
            "in the event queue. A second event with the same `id` in the same account is ignored. The entity must "
            "fit the schema of the event type, if one is registered."
        ),
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
