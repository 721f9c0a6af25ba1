"""GET /api-keys: the account's keys, newest first, never with a secret (documents 001, 002, 003)."""

from latchhook import bootstrap
from latchhook.edge import cursors
from latchhook.edge.answers.api_keys import ApiKeyListAnswer, api_key_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

LIST = "api-keys"

keys = bootstrap.api_keys()


@bootstrap.endpoint(Description(scope="api-keys:read", answer=ApiKeyListAnswer, paged=True))
def handler(request: Request[None]) -> Answer:
    """List API keys."""
    limit, after = request.page(LIST, default_limit=50)
    page = keys.page(request.account_id, limit=limit, after=after)
    answer: ApiKeyListAnswer = {
        "data": [api_key_answer(key, request.now) for key in page.things],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(answer)
