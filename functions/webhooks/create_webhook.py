"""POST /webhooks: register a webhook; its secret stands in this answer only (document 003)."""

from latchhook import bootstrap
from latchhook.edge.answers.webhooks import CreatedWebhookAnswer, webhook_answer
from latchhook.edge.endpoint import Answer, Description
from latchhook.edge.idempotency import REPEATED, repeatable
from latchhook.edge.request import Request
from latchhook.edge.schemas.webhooks import CreateWebhookBody

registry = bootstrap.webhook_registry()
bodies = bootstrap.webhook_bodies()
own_hosts = bootstrap.own_hosts()


@bootstrap.endpoint(
    Description(
        scope="webhooks:write",
        body=CreateWebhookBody,
        answer=CreatedWebhookAnswer,
        status=201,
        problems=(404, 409),
        takes_idempotency_key=True,
        rate="write",
    )
)
def handler(request: Request[CreateWebhookBody]) -> Answer:
    """Create a webhook."""
    own_hosts.learn(host=request.raw.domain_name, api_id=request.raw.api_id)
    chosen = bodies.created(request.body)
    issued = registry.create(chosen, secret=request.body.secret, origin=request.origin, repeatable=repeatable(request))
    created: CreatedWebhookAnswer = {**webhook_answer(issued.webhook, request.now), "secret": issued.secret}
    headers = {"location": f"webhooks/{issued.webhook.id}"}
    return Answer(201, created, headers if issued.secret else {**headers, **REPEATED})
