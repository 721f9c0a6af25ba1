"""POST /webhooks/{id}/rotate-secret: create a new signing secret for a webhook."""

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
        summary="Rotate a webhook's secret",
        description=(
            "Creates a new signing secret, and a new key pair if the webhook has one. Only this response contains the "
            "new secret. Until the end of the grace period, the previous secrets and key pairs sign as well. A "
            "repeated request with the same `Idempotency-Key` does not rotate again and returns null as `secret`."
        ),
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
