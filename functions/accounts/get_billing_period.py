"""GET /accounts/{accountId}/billing-period: return an account's billing period."""

from latchhook.bootstrap.billing import billing_day_of
from latchhook.bootstrap.endpoints import endpoint
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.billing import BillingPeriodResponse, billing_period_response


@endpoint(
    Description(
        summary="Get an account's billing period",
        description="Returns the day on which the account's billing periods start, and the current period.",
        scope="accounts:manage",
        response=BillingPeriodResponse,
        account_wide=False,
    )
)
def handler(request: Request[None]) -> Response:
    """Get an account's billing period."""
    account_id = request.path_account()
    return ok(billing_period_response(account_id, billing_day_of(account_id), request.now))
