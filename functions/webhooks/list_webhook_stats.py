"""GET /webhooks/stats: how deliveries to an account's webhooks went, day by day, and each webhook's last 24 hours."""

from latchhook import bootstrap
from latchhook.edge.answers.webhook_stats import AccountStatsAnswer, account_stats_answer
from latchhook.edge.endpoint import Answer, Description, QueryParameter, ok
from latchhook.edge.request import Request
from latchhook.webhooks.stats import MAX_DAYS, last_days

DEFAULT_DAYS = 30
STRIP_DAYS = 2
"""Of which the last 24 hours are."""

webhooks = bootstrap.webhooks()
stats = bootstrap.stats()


@bootstrap.endpoint(
    Description(
        scope="webhooks:read",
        answer=AccountStatsAnswer,
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
    """Get the stats of all webhooks."""
    number = request.query_number("days", default=DEFAULT_DAYS, most=MAX_DAYS)
    read = last_days(max(number, STRIP_DAYS), now=request.now)
    counts = stats.of_account(request.account_id, read[0], read[-1])
    ids = [webhook.id for webhook in webhooks.of_account(request.account_id)]
    return ok(account_stats_answer(ids, counts, read[-number:], request.now))
