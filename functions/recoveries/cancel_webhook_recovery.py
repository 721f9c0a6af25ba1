"""POST /webhooks/{id}/recoveries/{recoveryId}/cancel: cancel a recovery."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.recoveries import recoverer
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.recoveries import RecoveryResponse, recovery_response
from latchhook.webhooks.errors import RecoveryNotFoundError, WebhookNotFoundError

webhooks = webhooks_table()
recoveries = recoverer()


@endpoint(
    Description(
        summary="Cancel a recovery",
        description=(
            "Stops a running recovery within seconds. Deliveries that it already sent stay sent. Cancelling a "
            "cancelled recovery has no further effect. Cancelling a finished recovery is a conflict (409)."
        ),
        scope="webhooks:write",
        response=RecoveryResponse,
        problems=(404, "recovery_finished"),
        rate="write",
    )
)
def handler(request: Request[None]) -> Response:
    """Cancel a recovery."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    recovery_id = request.path_id(RecoveryNotFoundError, "recoveryId")
    return ok(recovery_response(recoveries.cancel(webhook, recovery_id, request.origin)))
