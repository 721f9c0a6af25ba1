"""GET /api-keys/usage: return the daily uses of several API keys."""

from latchhook.api_keys.finding import Search
from latchhook.api_keys.usage import closed_months
from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.key_uses import key_uses_table
from latchhook.edge import cursors
from latchhook.edge.days import DAYS, read_days
from latchhook.edge.endpoint import Description, QueryParameter, Response, ok
from latchhook.edge.request import MAX_PAGE, Request
from latchhook.edge.responses.key_usage import UsageListResponse, used_key_response
from latchhook.pages import Page

LIST = "api-keys"

keys = api_keys_table()
uses = key_uses_table()


@endpoint(
    Description(
        summary="List the usage of API keys",
        description=(
            "Returns the accepted requests of several keys for each UTC day: the keys of one page, or the keys that "
            "`keyIds` names. The last day is today and not complete."
        ),
        scope="api-keys:read",
        response=UsageListResponse,
        paged=True,
        query=(
            DAYS,
            QueryParameter(
                "keyIds",
                "Return only the keys with these ids: at most 100, separated by commas. Unknown ids are ignored.",
                "0d9f6f2c-7a53-4c1e-b6a8-2f4b8c1d3e90",
                {"type": "string"},
                is_list=True,
            ),
        ),
    )
)
def handler(request: Request[None]) -> Response:
    """List the usage of API keys."""
    days = read_days(request)
    limit, after = request.page(LIST, default_limit=50)
    named = request.query_ids("keyIds", most=MAX_PAGE)
    if named is None:
        page = keys.page(request.account_id, limit=limit, after=after, search=Search(), now=request.now)
    else:
        page = Page(tuple(keys.read(request.account_id, named)), None)
    closed = uses.closed_uses([key.id for key in page.items], closed_months(days, now=request.now))
    response: UsageListResponse = {
        "data": [used_key_response(key, closed[key.id], days, request.now) for key in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(response)
