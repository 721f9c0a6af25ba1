"""POST /webhooks/{id}/recover: start a recovery of a webhook."""

from typing import Any

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.recoveries import recoverer
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.recoveries import RecoveryResponse, recovery_response
from latchhook.edge.schemas.recoveries import RecoverWebhookBody
from latchhook.idempotency_records import CompletedRequest
from latchhook.webhooks.errors import WebhookNotFoundError
from latchhook.webhooks.recovery import Recovery

webhooks = webhooks_table()
recoveries = recoverer()


def _response(recovery: Recovery) -> Response:
    return Response(202, recovery_response(recovery), {"location": f"recoveries/{recovery.id}"})


def _replay(request: Request[Any], done: CompletedRequest) -> Response:
    webhook_id = request.path_id(WebhookNotFoundError)
    return _response(recoveries.get(request.account_id, webhook_id, done.target_id))


@endpoint(
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
        problems=(404, "recovery_running", "webhook_not_active", "webhook_without_url"),
        replay=_replay,
        rate="write",
    )
)
def handler(request: Request[RecoverWebhookBody]) -> Response:
    """Start a recovery of a webhook."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    recovery = recoveries.start(
        webhook,
        since=request.body.since,
        only=request.body.only,
        origin=request.origin,
        idempotency_key=request.idempotency_key,
    )
    return _response(recovery)
