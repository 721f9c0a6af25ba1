"""GET /webhooks/{id}: one webhook of the account, never with its secret (document 003)."""

from latchhook import bootstrap
from latchhook.edge.answers.webhooks import WebhookAnswer, webhook_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request
from latchhook.webhooks.errors import WebhookNotFoundError

webhooks = bootstrap.webhooks()


@bootstrap.endpoint(Description(scope="webhooks:read", answer=WebhookAnswer, problems=(404,)))
def handler(request: Request[None]) -> Answer:
    """Get a webhook."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    return ok(webhook_answer(webhook, request.now))
