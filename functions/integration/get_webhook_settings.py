"""GET /integration/webhook-settings: the default webhook's URL and secret, made if there is none (document 000)."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import WebhookSettingsResponse

registry = bootstrap.webhook_registry()


@bootstrap.endpoint(
    Description(scope="webhooks:write", response=WebhookSettingsResponse, credentials="session", problems=(409,))
)
def handler(request: Request[None]) -> Response:
    """Get the webhook settings, secret included."""
    webhook, secret = registry.default_with_secret(request.origin)
    settings: WebhookSettingsResponse = {"webhookUrl": webhook.url, "webhookSecret": secret}
    return ok(settings)
