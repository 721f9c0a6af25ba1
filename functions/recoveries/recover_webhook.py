"""POST /webhooks/{id}/recover: everything that failed, or that came while the webhook was disabled, again."""

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
        scope="webhooks:write",
        body=RecoverWebhookBody,
        response=RecoveryResponse,
        status=202,
        problems=(404, 409),
        rate="write",
    )
)
def handler(request: Request[RecoverWebhookBody]) -> Response:
    """Recover a webhook."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    recovery = recoverer.start(webhook, since=request.body.since, only=request.body.only, origin=request.origin)
    return Response(202, recovery_response(recovery), {"location": f"recoveries/{recovery.id}"})
