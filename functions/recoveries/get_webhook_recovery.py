"""GET /webhooks/{id}/recoveries/{recoveryId}: return a recovery with its progress."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.recoveries import RecoveryResponse, recovery_response
from latchhook.webhooks.errors import RecoveryNotFoundError, WebhookNotFoundError

webhooks = bootstrap.webhooks()
recoveries = bootstrap.recoveries()


@bootstrap.endpoint(
    Description(
        summary="Get a recovery",
        description="Returns one recovery of the webhook with its progress.",
        scope="webhooks:read",
        response=RecoveryResponse,
        problems=(404,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get a recovery."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    recovery_id = request.path_id(RecoveryNotFoundError, "recoveryId")
    recovery = recoveries.find(webhook.account_id, webhook.id, recovery_id)
    if recovery is None:
        raise RecoveryNotFoundError
    return ok(recovery_response(recovery))
