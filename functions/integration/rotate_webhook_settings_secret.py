"""POST /integration/webhook-settings/rotate-secret: create a new secret for the default webhook."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.webhooks import WebhookSettingsResponse

registry = bootstrap.webhook_registry()


@bootstrap.endpoint(
    Description(
        summary="Rotate the default webhook's secret",
        description=(
            "Creates a new secret for the account's default webhook and returns it. The previous secret stops signing "
            "immediately."
        ),
        scope="webhooks:write",
        response=WebhookSettingsResponse,
        credentials="session",
        problems=(409,),
        rate="write",
    )
)
def handler(request: Request[None]) -> Response:
    """Rotate the default webhook's secret."""
    webhook, secret = registry.rotate_default_secret(request.origin)
    rotated: WebhookSettingsResponse = {"webhookUrl": webhook.url, "webhookSecret": secret}
    return ok(rotated)
