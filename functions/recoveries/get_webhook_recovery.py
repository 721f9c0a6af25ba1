"""GET /webhooks/{id}/recoveries/{recoveryId}: return a recovery with its progress."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.recoveries import recoveries_table
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.recoveries import RecoveryResponse, recovery_response
from latchhook.webhooks.errors import RecoveryNotFoundError, WebhookNotFoundError

webhooks = webhooks_table()
recoveries = recoveries_table()


@endpoint(
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
