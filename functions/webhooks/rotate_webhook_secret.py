"""POST /webhooks/{id}/rotate-secret: create a new signing secret for a webhook."""

from datetime import datetime
from typing import Any

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.webhook_management import webhook_editor
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.clock import rfc3339_or_none
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import RotatedWebhookSecretResponse, webhook_response
from latchhook.edge.schemas.webhook_secrets import RotateWebhookSecretBody
from latchhook.idempotency_records import CompletedRequest
from latchhook.webhooks.errors import WebhookNotFoundError
from latchhook.webhooks.webhook import Webhook

editor = webhook_editor()
webhooks = webhooks_table()


def _response(request: Request[Any], webhook: Webhook, secret: str | None, until: datetime | None) -> Response:
    rotated: RotatedWebhookSecretResponse = {
        **webhook_response(webhook, request.now),
        "secret": secret,
        "previousSecretsSignUntil": rfc3339_or_none(until),
    }
    return ok(rotated)


def _replay(request: Request[Any], done: CompletedRequest) -> Response:
    return _response(request, webhooks.webhook(request.account_id, done.target_id), None, done.previous_until)


@endpoint(
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
        problems=(404, "too_many_secrets"),
        replay=_replay,
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
        idempotency_key=request.idempotency_key,
    )
    return _response(request, issued.webhook, issued.secret, issued.previous_until)
