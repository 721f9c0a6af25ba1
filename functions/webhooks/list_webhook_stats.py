"""GET /webhooks/stats: return the statistics of all webhooks of the account."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.stats import stats_table
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.days import DAYS, read_days
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhook_stats import AccountStatsResponse, account_stats_response
from latchhook.webhooks.stats import last_days

STRIP_DAYS = 2
"""The UTC days that contain the last 24 hours."""

webhooks = webhooks_table()
stats = stats_table()


@endpoint(
    Description(
        summary="Get the statistics of all webhooks",
        description=(
            "Returns the attempts of all webhooks of the account for each UTC day, and each webhook's attempts in the "
            "last 24 hours. Test deliveries are not counted."
        ),
        scope="webhooks:read",
        response=AccountStatsResponse,
        query=(DAYS,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get the statistics of all webhooks."""
    number = read_days(request)
    read = last_days(max(number, STRIP_DAYS), now=request.now)
    counts = stats.of_account(request.account_id, read[0], read[-1])
    ids = [webhook.id for webhook in webhooks.of_account(request.account_id)]
    return ok(account_stats_response(ids, counts, read[-number:], request.now))
