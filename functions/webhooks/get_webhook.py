"""GET /webhooks/{id}: return one webhook."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import WebhookResponse, webhook_response
from latchhook.webhooks.errors import WebhookNotFoundError

webhooks = webhooks_table()


@endpoint(
    Description(
        summary="Get a webhook",
        description="Returns one webhook of the account, without its secret.",
        scope="webhooks:read",
        response=WebhookResponse,
        problems=(404,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get a webhook."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    return ok(webhook_response(webhook, request.now))
