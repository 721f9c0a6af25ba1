"""GET /webhooks/{id}/deliveries/{deliveryId}: return one delivery with its attempts."""

from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import DeliveryResponse, delivery_response
from latchhook.webhooks.errors import DeliveryNotFoundError, WebhookNotFoundError

MOST_ATTEMPTS = 100

webhooks = webhooks_table()
deliveries = deliveries_table()


@endpoint(
    Description(
        summary="Get a delivery",
        description="Returns one delivery with its request body and at most 100 attempts, newest attempt first.",
        scope="webhooks:read",
        response=DeliveryResponse,
        problems=(404,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get a delivery."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    delivery_id = request.path_id(DeliveryNotFoundError, "deliveryId")
    attempts = deliveries.attempts(webhook.account_id, webhook.id, delivery_id, limit=MOST_ATTEMPTS)
    if not attempts:
        raise DeliveryNotFoundError
    event = deliveries.event(webhook.account_id, attempts[0].task.event_id)
    return ok(delivery_response(attempts, None if event is None else event.body))
