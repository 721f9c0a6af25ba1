"""GET /oauth-clients: list the account's OAuth clients."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.oauth_clients import oauth_clients_table
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.oauth_clients import OAuthClientListResponse, oauth_client_response

LIST = "oauth-clients"

clients = oauth_clients_table()


@endpoint(
    Description(
        summary="List OAuth clients",
        description="Returns the account's OAuth clients, newest first, without their secrets.",
        scope="oauth-clients:read",
        response=OAuthClientListResponse,
        paged=True,
    )
)
def handler(request: Request[None]) -> Response:
    """List OAuth clients."""
    limit, after = request.page(LIST, default_limit=50)
    page = clients.page(request.account_id, limit=limit, after=after)
    response: OAuthClientListResponse = {
        "data": [oauth_client_response(client) for client in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(response)
