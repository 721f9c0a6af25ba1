"""GET /scopes: list the scope catalogue."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.scopes import scope_list
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.scopes import ScopeListResponse, scope_response

LIST = "scopes"

scopes = scope_list()


@endpoint(
    Description(
        summary="List scopes",
        description=(
            "Returns the scopes that API keys can have, sorted by name, each with its description and group. All "
            "accounts share this catalogue. Operator scopes are not listed."
        ),
        scope=None,
        response=ScopeListResponse,
        account_wide=False,
        paged=True,
    )
)
def handler(request: Request[None]) -> Response:
    """List the scope catalogue."""
    limit, after = request.page(LIST, default_limit=100)
    page = scopes.page(limit=limit, after=after)
    response: ScopeListResponse = {
        "data": [scope_response(entry) for entry in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(response)
