"""POST /webhooks/{id}/recover: start a recovery of a webhook."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.recoveries import RecoveryResponse, recovery_response
from latchhook.edge.schemas.recoveries import RecoverWebhookBody
from latchhook.webhooks.errors import WebhookNotFoundError

webhooks = bootstrap.webhooks()
recoverer = bootstrap.recoverer()


@bootstrap.endpoint(
    Description(
        summary="Start a recovery of a webhook",
        description=(
            "Sends the webhook's failed and missed deliveries again, with the same body and the same `webhook-id`. "
            "The webhook must be active. A second recovery is a conflict (409) while the first one is running."
        ),
        scope="webhooks:write",
        body=RecoverWebhookBody,
        response=RecoveryResponse,
        status=202,
        problems=(404, 409),
        rate="write",
    )
)
def handler(request: Request[RecoverWebhookBody]) -> Response:
    """Start a recovery of a webhook."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    recovery = recoverer.start(webhook, since=request.body.since, only=request.body.only, origin=request.origin)
    return Response(202, recovery_response(recovery), {"location": f"recoveries/{recovery.id}"})
