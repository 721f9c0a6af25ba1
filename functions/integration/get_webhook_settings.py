"""GET /integration/webhook-settings: return the default webhook's URL and secret."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.webhook_management import webhook_registry
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import WebhookSettingsResponse

registry = webhook_registry()


@endpoint(
    Description(
        summary="Get the webhook settings",
        description=(
            "Returns the URL and the secret of the account's default webhook, and creates the webhook if it does not "
            "exist. Each call adds an audit entry."
        ),
        scope="webhooks:write",
        response=WebhookSettingsResponse,
        credentials="session",
        problems=("too_many_webhooks",),
    )
)
def handler(request: Request[None]) -> Response:
    """Get the webhook settings."""
    webhook, secret = registry.default_with_secret(request.origin)
    settings: WebhookSettingsResponse = {"webhookUrl": webhook.url, "webhookSecret": secret}
    return ok(settings)
