"""GET /webhooks: list the account's webhooks."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import WebhookListResponse, webhook_response

LIST = "webhooks"

webhooks = webhooks_table()


@endpoint(
    Description(
        summary="List webhooks",
        description="Returns the account's webhooks, newest first, without secrets.",
        scope="webhooks:read",
        response=WebhookListResponse,
        paged=True,
    )
)
def handler(request: Request[None]) -> Response:
    """List webhooks."""
    limit, after = request.page(LIST, default_limit=50)
    page = webhooks.page(request.account_id, limit=limit, after=after)
    response: WebhookListResponse = {
        "data": [webhook_response(webhook, request.now) for webhook in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(response)
