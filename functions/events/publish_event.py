"""POST /events: this happened. Once it answers 202, the event is on the queue and will be delivered (document 003)."""

from uuid import UUID

from latchhook import bootstrap
from latchhook.edge.answers.webhooks import PublishedEventAnswer
from latchhook.edge.endpoint import Answer, Description
from latchhook.edge.request import Request
from latchhook.edge.schemas.events import PublishEventBody
from latchhook.webhooks.event import Event, event_body

queue = bootstrap.event_queue()


@bootstrap.endpoint(
    Description(
        scope="events:write",
        body=PublishEventBody,
        answer=PublishedEventAnswer,
        status=202,
        account_wide=False,
    )
)
def handler(request: Request[PublishEventBody]) -> Answer:
    """Publish an event."""
    body = request.body
    event_id = body.id or str(UUID(int=bootstrap.rng().getrandbits(128), version=4))
    event = Event(
        id=event_id,
        account_id=body.account_id,
        name=body.event,
        external_id=body.external_id,
        accepted_at=request.now,
        body=event_body(
            event_id=event_id,
            name=body.event,
            account_id=body.account_id,
            entity=body.entity,
            occurred_at=body.occurred_at or request.now,
        ),
    )
    queue.publish(event, receipt=request.raw.request_id)
    published: PublishedEventAnswer = {"id": event_id}
    return Answer(202, published)
