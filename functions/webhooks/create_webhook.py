"""POST /webhooks: create a webhook."""

from typing import Any

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.receivers import own_hosts
from latchhook.bootstrap.webhook_bodies import webhook_bodies
from latchhook.bootstrap.webhook_management import webhook_registry
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import CreatedWebhookResponse, webhook_response
from latchhook.edge.schemas.webhooks import CreateWebhookBody
from latchhook.idempotency_records import CompletedRequest
from latchhook.webhooks.webhook import Webhook

registry = webhook_registry()
bodies = webhook_bodies()
hosts = own_hosts()
webhooks = webhooks_table()


def _response(request: Request[Any], webhook: Webhook, secret: str | None) -> Response:
    created: CreatedWebhookResponse = {**webhook_response(webhook, request.now), "secret": secret}
    return Response(201, created, {"location": f"webhooks/{webhook.id}"})


def _replay(request: Request[Any], done: CompletedRequest) -> Response:
    return _response(request, webhooks.webhook(request.account_id, done.target_id), None)


@endpoint(
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
        problems=(404, "too_many_webhooks"),
        replay=_replay,
        rate="write",
    )
)
def handler(request: Request[CreateWebhookBody]) -> Response:
    """Create a webhook."""
    hosts.learn(host=request.raw.domain_name, api_id=request.raw.api_id)
    chosen = bodies.created(request.body)
    issued = registry.create(
        chosen, secret=request.body.secret, origin=request.origin, idempotency_key=request.idempotency_key
    )
    return _response(request, issued.webhook, issued.secret)
