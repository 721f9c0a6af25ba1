"""GET /webhooks: all webhooks of the account, no secrets (document 003); an account has at most 50, on one page."""

from latchhook import bootstrap
from latchhook.edge.answers.webhooks import WebhookListAnswer, webhook_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

webhooks = bootstrap.webhooks()


@bootstrap.endpoint(Description(scope="webhooks:read", answer=WebhookListAnswer))
def handler(request: Request[None]) -> Answer:
    """List webhooks."""
    newest_first = sorted(webhooks.of_account(request.account_id), key=lambda each: each.created_at, reverse=True)
    answer: WebhookListAnswer = {
        "data": [webhook_answer(webhook, request.now) for webhook in newest_first],
        "nextCursor": None,
    }
    return ok(answer)
