"""POST /integration/webhook-settings/rotate-secret: a new secret; the old one signs nothing more (document 000)."""

from latchhook import bootstrap
from latchhook.edge.answers.webhooks import WebhookSettingsAnswer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

registry = bootstrap.webhook_registry()


@bootstrap.endpoint(
    Description(
        scope="webhooks:write", answer=WebhookSettingsAnswer, credentials="session", problems=(409,), rate="write"
    )
)
def handler(request: Request[None]) -> Answer:
    """Rotate the webhook secret."""
    webhook, secret = registry.rotate_default_secret(request.origin)
    rotated: WebhookSettingsAnswer = {"webhookUrl": webhook.url, "webhookSecret": secret}
    return ok(rotated)
