"""POST /webhooks: create a webhook."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.idempotency import REPEATED, idempotency_key
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import CreatedWebhookResponse, webhook_response
from latchhook.edge.schemas.webhooks import CreateWebhookBody

registry = bootstrap.webhook_registry()
bodies = bootstrap.webhook_bodies()
own_hosts = bootstrap.own_hosts()


@bootstrap.endpoint(
    Description(
        summary="Create a webhook",
        description=(
            "Creates a webhook. Only this response contains the signing secret. An account can have 50 webhooks. A "
            "repeated request with the same `Idempotency-Key` creates no second webhook and returns null as `secret`."
        ),
        scope="webhooks:write",
        body=CreateWebhookBody,
        response=CreatedWebhookResponse,
        status=201,
        problems=(404, 409),
        takes_idempotency_key=True,
        rate="write",
    )
)
def handler(request: Request[CreateWebhookBody]) -> Response:
    """Create a webhook."""
    own_hosts.learn(host=request.raw.domain_name, api_id=request.raw.api_id)
    chosen = bodies.created(request.body)
    issued = registry.create(
        chosen, secret=request.body.secret, origin=request.origin, idempotency_key=idempotency_key(request)
    )
    created: CreatedWebhookResponse = {**webhook_response(issued.webhook, request.now), "secret": issued.secret}
    headers = {"location": f"webhooks/{issued.webhook.id}"}
    return Response(201, created, headers if issued.secret else {**headers, **REPEATED})
