"""GET /webhooks: the account's webhooks, newest first, no secrets (document 003)."""

from latchhook import bootstrap
from latchhook.edge import cursors
from latchhook.edge.answers.webhooks import WebhookListAnswer, webhook_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

LIST = "webhooks"

webhooks = bootstrap.webhooks()


@bootstrap.endpoint(Description(scope="webhooks:read", answer=WebhookListAnswer, paged=True))
def handler(request: Request[None]) -> Answer:
    """List webhooks."""
    limit, after = request.page(LIST, default_limit=50)
    page = webhooks.page(request.account_id, limit=limit, after=after)
    answer: WebhookListAnswer = {
        "data": [webhook_answer(webhook, request.now) for webhook in page.things],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(answer)
