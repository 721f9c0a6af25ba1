"""POST /integration/webhook-settings/rotate-secret: a new secret; the old one signs nothing more (document 000)."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import WebhookSettingsResponse

registry = bootstrap.webhook_registry()


@bootstrap.endpoint(
    Description(
        scope="webhooks:write", response=WebhookSettingsResponse, credentials="session", problems=(409,), rate="write"
    )
)
def handler(request: Request[None]) -> Response:
    """Rotate the webhook secret."""
    webhook, secret = registry.rotate_default_secret(request.origin)
    rotated: WebhookSettingsResponse = {"webhookUrl": webhook.url, "webhookSecret": secret}
    return ok(rotated)
