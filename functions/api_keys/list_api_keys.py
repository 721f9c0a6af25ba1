"""GET /api-keys: the account's keys, newest first, never with a secret (documents 001, 002, 003)."""

from latchhook import bootstrap
from latchhook.api_keys.finding import MAX_SEARCH_LENGTH
from latchhook.edge import cursors
from latchhook.edge.answers.api_keys import ApiKeyListAnswer, api_key_answer
from latchhook.edge.endpoint import Answer, Description, QueryParameter, ok
from latchhook.edge.key_search import STATUSES, read_search
from latchhook.edge.request import Request

LIST = "api-keys"

keys = bootstrap.api_keys()


@bootstrap.endpoint(
    Description(
        scope="api-keys:read",
        answer=ApiKeyListAnswer,
        paged=True,
        query=(
            QueryParameter("status", "Only keys of this status.", "active", {"type": "string", "enum": list(STATUSES)}),
            QueryParameter(
                "search",
                "Only keys with this in their name, in any case of letters, or in their public first characters.",
                "production",
                {"type": "string", "minLength": 1, "maxLength": MAX_SEARCH_LENGTH},
            ),
        ),
    )
)
def handler(request: Request[None]) -> Answer:
    """List API keys."""
    limit, after = request.page(LIST, default_limit=50)
    page = keys.page(request.account_id, limit=limit, after=after, search=read_search(request), now=request.now)
    answer: ApiKeyListAnswer = {
        "data": [api_key_answer(key, request.now) for key in page.things],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(answer)
