"""POST /webhooks/{id}/deliveries/{deliveryId}/retry: make the next attempt of a delivery now."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.redelivery import redeliverer
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import RetriedDeliveryResponse
from latchhook.webhooks.errors import DeliveryNotFoundError, WebhookNotFoundError

webhooks = webhooks_table()
redelivery = redeliverer()


@endpoint(
    Description(
        summary="Retry a delivery",
        description=(
            "Makes the delivery's next attempt now, even if an earlier attempt succeeded. A planned retry is made "
            "early, not twice. The webhook must be active and have a URL."
        ),
        scope="webhooks:write",
        response=RetriedDeliveryResponse,
        status=202,
        problems=(404, "event_gone", "too_many_attempts", "webhook_not_active", "webhook_without_url"),
        rate="write",
    )
)
def handler(request: Request[None]) -> Response:
    """Retry a delivery."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    task = redelivery.retry(webhook, request.path_id(DeliveryNotFoundError, "deliveryId"), now=request.now)
    response: RetriedDeliveryResponse = {"deliveryId": str(task.delivery_id), "attempt": task.attempt}
    return Response(202, response)
