"""DELETE /oauth-clients/{id}: delete an OAuth client."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.oauth_clients import oauth_client_editor
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request
from latchhook.oauth.errors import OAuthClientNotFoundError

editor = oauth_client_editor()


@endpoint(
    Description(
        summary="Delete an OAuth client",
        description="Deletes an OAuth client. All its tokens are refused on the next request.",
        scope="oauth-clients:write",
        response=None,
        status=204,
        problems=(404,),
        rate="write",
    )
)
def handler(request: Request[None]) -> Response:
    """Delete an OAuth client."""
    editor.delete(request.path_id(OAuthClientNotFoundError), request.origin)
    return NO_CONTENT
