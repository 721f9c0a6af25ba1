"""GET /webhooks/{id}/deliveries: list a webhook's attempts."""

from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import AttemptListResponse, attempt_response
from latchhook.webhooks.errors import WebhookNotFoundError

webhooks = webhooks_table()
deliveries = deliveries_table()


@endpoint(
    Description(
        summary="List a webhook's attempts",
        description=(
            "Returns the webhook's attempts with request and response. The attempts of the newest event come first."
        ),
        scope="webhooks:read",
        response=AttemptListResponse,
        problems=(404,),
        paged=True,
    )
)
def handler(request: Request[None]) -> Response:
    """List a webhook's attempts."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    list_name = f"deliveries of {webhook.id}"
    limit, after = request.page(list_name, default_limit=50)
    page = deliveries.page_of_webhook(request.account_id, webhook.id, limit=limit, after=after)
    response: AttemptListResponse = {
        "data": [attempt_response(attempt) for attempt in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, list_name),
    }
    return ok(response)
