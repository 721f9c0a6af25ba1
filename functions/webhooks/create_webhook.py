"""POST /webhooks: register a webhook; its secret stands in this answer only (document 003)."""

from latchhook import bootstrap
from latchhook.edge.answers.webhooks import CreatedWebhookAnswer, webhook_answer
from latchhook.edge.endpoint import Answer, Description
from latchhook.edge.request import Request
from latchhook.edge.schemas.webhooks import CreateWebhookBody

registry = bootstrap.webhook_registry()
bodies = bootstrap.webhook_bodies()


@bootstrap.endpoint(
    Description(
        scope="webhooks:write",
        body=CreateWebhookBody,
        answer=CreatedWebhookAnswer,
        status=201,
        problems=(409,),
    )
)
def handler(request: Request[CreateWebhookBody]) -> Answer:
    """Create a webhook."""
    chosen = bodies.created(request.body)
    webhook, secret = registry.create(chosen, secret=request.body.secret, origin=request.origin)
    created: CreatedWebhookAnswer = {**webhook_answer(webhook, request.now), "secret": secret}
    return Answer(201, created, {"location": f"webhooks/{webhook.id}"})
