"""POST /webhooks/{id}/rotate-secret: a new secret, and key pair if it has one; those before sign during the grace."""

from latchhook import bootstrap
from latchhook.clock import rfc3339_or_none
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.idempotency import REPEATED, idempotency_key
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import RotatedWebhookSecretResponse, webhook_response
from latchhook.edge.schemas.webhook_secrets import RotateWebhookSecretBody
from latchhook.webhooks.errors import WebhookNotFoundError

editor = bootstrap.webhook_editor()


@bootstrap.endpoint(
    Description(
        scope="webhooks:write",
        body=RotateWebhookSecretBody,
        response=RotatedWebhookSecretResponse,
        problems=(404, 409),
        takes_idempotency_key=True,
        rate="write",
    )
)
def handler(request: Request[RotateWebhookSecretBody]) -> Response:
    """Rotate a webhook's secret."""
    issued = editor.rotate_secret(
        request.path_id(WebhookNotFoundError),
        grace_seconds=request.body.grace_period_seconds,
        secret=request.body.secret,
        origin=request.origin,
        idempotency_key=idempotency_key(request),
    )
    rotated: RotatedWebhookSecretResponse = {
        **webhook_response(issued.webhook, request.now),
        "secret": issued.secret,
        "previousSecretsSignUntil": rfc3339_or_none(issued.previous_until),
    }
    return Response(200, rotated, {} if issued.secret else REPEATED)
