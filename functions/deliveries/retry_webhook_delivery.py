"""POST /webhooks/{id}/deliveries/{deliveryId}/retry: the next attempt at a delivery, now (document 003)."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import RetriedDeliveryResponse
from latchhook.webhooks.errors import DeliveryNotFoundError, WebhookNotFoundError

webhooks = bootstrap.webhooks()
redeliverer = bootstrap.redeliverer()


@bootstrap.endpoint(
    Description(scope="webhooks:write", response=RetriedDeliveryResponse, status=202, problems=(404, 409), rate="write")
)
def handler(request: Request[None]) -> Response:
    """Retry a delivery."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    task = redeliverer.retry(webhook, request.path_id(DeliveryNotFoundError, "deliveryId"), now=request.now)
    response: RetriedDeliveryResponse = {"deliveryId": str(task.delivery_id), "attempt": task.attempt}
    return Response(202, response)
