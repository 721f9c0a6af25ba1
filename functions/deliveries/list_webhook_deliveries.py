"""GET /webhooks/{id}/deliveries: a webhook's attempts, newest event first, with request and response (document 003)."""

from latchhook import bootstrap
from latchhook.edge import cursors
from latchhook.edge.answers.webhooks import AttemptListAnswer, attempt_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request
from latchhook.webhooks.errors import WebhookNotFoundError

webhooks = bootstrap.webhooks()
deliveries = bootstrap.deliveries()


@bootstrap.endpoint(Description(scope="webhooks:read", answer=AttemptListAnswer, problems=(404,), paged=True))
def handler(request: Request[None]) -> Answer:
    """List a webhook's deliveries."""
    webhook = webhooks.webhook(request.account_id, request.path_id(WebhookNotFoundError))
    list_name = f"deliveries of {webhook.id}"
    limit, after = request.page(list_name, default_limit=50)
    page = deliveries.page_of_webhook(request.account_id, webhook.id, limit=limit, after=after)
    answer: AttemptListAnswer = {
        "data": [attempt_answer(attempt) for attempt in page.things],
        "nextCursor": cursors.encode(page.after, request.account_id, list_name),
    }
    return ok(answer)
