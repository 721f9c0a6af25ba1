"""GET /webhooks/{id}/recoveries: list a webhook's recoveries."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.recoveries import recoveries_table
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.recoveries import RecoveryListResponse, recovery_response
from latchhook.webhooks.errors import WebhookNotFoundError

webhooks = webhooks_table()
recoveries = recoveries_table()


@endpoint(
    Description(
        summary="List a webhook's recoveries",
        description="Returns the webhook's recoveries with their progress, newest first.",
        scope="webhooks:read",
        response=RecoveryListResponse,
        problems=(404,),
        paged=True,
    )
)
def handler(request: Request[None]) -> Response:
    """List a webhook's recoveries."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    list_name = f"recoveries of {webhook.id}"
    limit, after = request.page(list_name, default_limit=50)
    page = recoveries.page_of_webhook(request.account_id, webhook.id, limit=limit, after=after)
    response: RecoveryListResponse = {
        "data": [recovery_response(recovery) for recovery in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, list_name),
    }
    return ok(response)
