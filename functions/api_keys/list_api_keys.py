"""GET /api-keys: list the account's API keys."""

from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.billing import billing_day_of
from latchhook.bootstrap.endpoints import endpoint
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.key_search import SEARCH_PARAMETERS, read_search
from latchhook.edge.request import Request
from latchhook.edge.responses.api_keys import ApiKeyListResponse, api_key_response

LIST = "api-keys"

keys = api_keys_table()


@endpoint(
    Description(
        summary="List API keys",
        description=(
            "Returns the account's API keys, newest first, without secrets. A key must match all filters. A "
            "request examines at most 2,000 keys, or 500 if it filters by owner, creator, last use, rotation or scope. "
            "Therefore a page can be short or empty and still have a `nextCursor`."
        ),
        scope="api-keys:read",
        response=ApiKeyListResponse,
        paged=True,
        query=SEARCH_PARAMETERS,
    )
)
def handler(request: Request[None]) -> Response:
    """List API keys."""
    limit, after = request.page(LIST, default_limit=50)
    page = keys.page(request.account_id, limit=limit, after=after, search=read_search(request), now=request.now)
    billing = billing_day_of(request.account_id)
    response: ApiKeyListResponse = {
        "data": [api_key_response(key, request.now, billing) for key in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(response)
