"""GET /webhooks/{id}/stats: return a webhook's statistics by day."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.stats import stats_table
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.days import DAYS, read_days
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhook_stats import WebhookStatsResponse, days_response
from latchhook.webhooks.errors import WebhookNotFoundError
from latchhook.webhooks.stats import last_days

webhooks = webhooks_table()
stats = stats_table()


@endpoint(
    Description(
        summary="Get a webhook's statistics",
        description=(
            "Returns the number, the success rate and the latency of the webhook's attempts for each UTC day, oldest "
            "day first. The last day is today and not complete. Test deliveries are not counted."
        ),
        scope="webhooks:read",
        response=WebhookStatsResponse,
        problems=(404,),
        query=(DAYS,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get a webhook's statistics."""
    number = read_days(request)
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    days = last_days(number, now=request.now)
    return ok(
        {
            "webhookId": str(webhook.id),
            "data": days_response(stats.of_webhook(request.account_id, webhook.id, days), days),
        }
    )
