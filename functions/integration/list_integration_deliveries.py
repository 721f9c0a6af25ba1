"""GET /integration/webhook-deliveries: list the account's 100 newest attempts."""

from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.endpoints import endpoint
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import DeliveryLogResponse, logged_delivery_response

NEWEST = 100

deliveries = deliveries_table()


@endpoint(
    Description(
        summary="List the newest attempts",
        description="Returns the account's 100 newest attempts, newest first. Each retry is a separate attempt.",
        scope="webhooks:read",
        response=DeliveryLogResponse,
        credentials="session",
    )
)
def handler(request: Request[None]) -> Response:
    """List the newest attempts."""
    newest = deliveries.newest_of_account(request.account_id, limit=NEWEST)
    log: DeliveryLogResponse = {"deliveries": [logged_delivery_response(attempt) for attempt in newest]}
    return ok(log)
