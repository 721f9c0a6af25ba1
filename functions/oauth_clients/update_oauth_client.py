"""PATCH /oauth-clients/{id}: change an OAuth client."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.oauth_clients import oauth_client_editor
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.oauth_clients import OAuthClientResponse, oauth_client_response
from latchhook.edge.schemas.oauth_clients import UpdateOAuthClientBody
from latchhook.oauth.errors import OAuthClientNotFoundError

editor = oauth_client_editor()


@endpoint(
    Description(
        summary="Update an OAuth client",
        description=(
            "Changes the fields that the JSON merge patch (RFC 7396) contains; a list is replaced as a whole. The "
            "change applies to the next use of each token of the client. The caller must have all new scopes."
        ),
        scope="oauth-clients:write",
        body=UpdateOAuthClientBody,
        response=OAuthClientResponse,
        problems=(404, "scope_beyond_creator"),
        rate="write",
    )
)
def handler(request: Request[UpdateOAuthClientBody]) -> Response:
    """Update an OAuth client."""
    client_id = request.path_id(OAuthClientNotFoundError)
    return ok(oauth_client_response(editor.change(client_id, request.body.applied_to, request.origin)))
