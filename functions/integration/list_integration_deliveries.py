"""GET /integration/webhook-deliveries: the account's 100 newest attempts, each retry its own (document 000)."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import DeliveryLogResponse, logged_delivery_response

NEWEST = 100

deliveries = bootstrap.deliveries()


@bootstrap.endpoint(Description(scope="webhooks:read", response=DeliveryLogResponse, credentials="session"))
def handler(request: Request[None]) -> Response:
    """List the newest webhook deliveries."""
    newest = deliveries.newest_of_account(request.account_id, limit=NEWEST)
    log: DeliveryLogResponse = {"deliveries": [logged_delivery_response(attempt) for attempt in newest]}
    return ok(log)
