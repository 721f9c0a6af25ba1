"""GET /webhooks/{id}/stats: how deliveries to a webhook went, day by day."""

from latchhook import bootstrap
from latchhook.edge.answers.webhook_stats import WebhookStatsAnswer, days_answer
from latchhook.edge.endpoint import Answer, Description, QueryParameter, ok
from latchhook.edge.request import Request
from latchhook.webhooks.errors import WebhookNotFoundError
from latchhook.webhooks.stats import MAX_DAYS, last_days

DEFAULT_DAYS = 30

webhooks = bootstrap.webhooks()
stats = bootstrap.stats()


@bootstrap.endpoint(
    Description(
        scope="webhooks:read",
        answer=WebhookStatsAnswer,
        problems=(404,),
        query=(
            QueryParameter(
                "days",
                "How many UTC days, today among them.",
                7,
                {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "default": DEFAULT_DAYS},
            ),
        ),
    )
)
def handler(request: Request[None]) -> Answer:
    """Get a webhook's stats."""
    number = request.query_number("days", default=DEFAULT_DAYS, most=MAX_DAYS)
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    days = last_days(number, now=request.now)
    return ok(
        {
            "webhookId": str(webhook.id),
            "data": days_answer(stats.of_webhook(request.account_id, webhook.id, days), days),
        }
    )
