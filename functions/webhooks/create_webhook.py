"""POST /webhooks: register a webhook; its secret stands in this answer only (document 003)."""

from latchhook import bootstrap
from latchhook.edge.answers.webhooks import CreatedWebhookAnswer, webhook_answer
from latchhook.edge.endpoint import Answer, Description
from latchhook.edge.endpoint_urls import checked_url
from latchhook.edge.request import Request
from latchhook.edge.schemas.webhooks import CreateWebhookBody

registry = bootstrap.webhook_registry()
checker = bootstrap.endpoint_checker()


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
    body = request.body
    webhook, secret = registry.create(
        url=checked_url(body.url, checker, pointer="/url"),
        events=body.events,
        description=body.description,
        secret=body.secret,
        origin=request.origin,
    )
    created: CreatedWebhookAnswer = {**webhook_answer(webhook), "secret": secret}
    return Answer(201, created, {"location": f"/webhooks/{webhook.id}"})
