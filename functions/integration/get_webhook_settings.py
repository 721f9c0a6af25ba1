"""GET /integration/webhook-settings: the default webhook's URL and secret, made if there is none (document 000)."""

from latchhook import bootstrap
from latchhook.edge.answers.webhooks import WebhookSettingsAnswer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

registry = bootstrap.webhook_registry()


@bootstrap.endpoint(
    Description(scope="webhooks:write", answer=WebhookSettingsAnswer, credentials="session", problems=(409,))
)
def handler(request: Request[None]) -> Answer:
    """Get the webhook settings, secret included."""
    webhook, secret = registry.default_with_secret(request.origin)
    settings: WebhookSettingsAnswer = {"webhookUrl": webhook.url, "webhookSecret": secret}
    return ok(settings)
