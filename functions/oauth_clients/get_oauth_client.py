"""GET /oauth-clients/{id}: return an OAuth client."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.oauth_clients import oauth_clients_table
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.oauth_clients import OAuthClientResponse, oauth_client_response
from latchhook.oauth.errors import OAuthClientNotFoundError

clients = oauth_clients_table()


@endpoint(
    Description(
        summary="Get an OAuth client",
        description="Returns an OAuth client without its secret.",
        scope="oauth-clients:read",
        response=OAuthClientResponse,
        problems=(404,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get an OAuth client."""
    return ok(oauth_client_response(clients.get(request.account_id, request.path_id(OAuthClientNotFoundError))))
