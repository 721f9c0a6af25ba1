"""PUT /accounts/{accountId}/billing-period: set the day on which an account's billing periods start."""

from latchhook.bootstrap.billing import billing_day_editor
from latchhook.bootstrap.endpoints import endpoint
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.billing import BillingPeriodResponse, billing_period_response
from latchhook.edge.schemas.billing import PutBillingPeriodBody


@endpoint(
    Description(
        summary="Set an account's billing day",
        description=(
            "Sets the day of the month on which the account's billing periods start. Another day than before starts a "
            "new period today at 00:00 UTC. Requires the stack's parameter `BillingPeriod=account-day`."
        ),
        scope="accounts:manage",
        body=PutBillingPeriodBody,
        response=BillingPeriodResponse,
        problems=("billing_period_fixed",),
        account_wide=False,
    )
)
def handler(request: Request[PutBillingPeriodBody]) -> Response:
    """Set an account's billing day."""
    account_id = request.path_account()
    billing = billing_day_editor().change(account_id, request.body.day, request.origin)
    return ok(billing_period_response(account_id, billing, request.now))
