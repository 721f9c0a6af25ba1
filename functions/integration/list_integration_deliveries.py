"""GET /integration/webhook-deliveries: the account's 100 newest attempts, each retry its own (document 000)."""

from latchhook import bootstrap
from latchhook.edge.answers.webhooks import DeliveryLogAnswer, logged_delivery_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

NEWEST = 100

deliveries = bootstrap.deliveries()


@bootstrap.endpoint(Description(scope="webhooks:read", answer=DeliveryLogAnswer, credentials="session"))
def handler(request: Request[None]) -> Answer:
    """List the newest webhook deliveries."""
    newest = deliveries.newest_of_account(request.account_id, limit=NEWEST)
    log: DeliveryLogAnswer = {"deliveries": [logged_delivery_answer(attempt) for attempt in newest]}
    return ok(log)
