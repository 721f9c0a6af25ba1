"""POST /integration/webhook-settings/rotate-secret: create a new secret for the default webhook."""

from typing import Any

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.webhook_management import webhook_registry
from latchhook.bootstrap.webhooks import webhooks_table
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import RotatedWebhookSettingsResponse
from latchhook.idempotency_records import CompletedRequest
from latchhook.webhooks.webhook import Webhook

registry = webhook_registry()
webhooks = webhooks_table()


def _response(webhook: Webhook, secret: str | None) -> Response:
    rotated: RotatedWebhookSettingsResponse = {"webhookUrl": webhook.url, "webhookSecret": secret}
    return ok(rotated)


def _replay(request: Request[Any], done: CompletedRequest) -> Response:
    return _response(webhooks.webhook(request.account_id, done.target_id), None)


@endpoint(
    Description(
        summary="Rotate the default webhook's secret",
        description=(
            "Creates a new secret for the account's default webhook and returns it. The previous secret stops signing "
            "immediately."
        ),
        scope="webhooks:write",
        response=RotatedWebhookSettingsResponse,
        credentials="session",
        problems=("too_many_webhooks",),
        replay=_replay,
        rate="write",
    )
)
def handler(request: Request[None]) -> Response:
    """Rotate the default webhook's secret."""
    issued = registry.rotate_default_secret(request.origin, request.idempotency_key)
    return _response(issued.webhook, issued.secret)
