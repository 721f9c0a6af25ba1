"""DELETE /portal-sessions/{id}: end a portal session."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.portal import portal_opener
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request
from latchhook.members.errors import PortalSessionNotFoundError

opener = portal_opener()


@endpoint(
    Description(
        summary="End a portal session",
        description="Deletes a portal session. Its code and its token are refused on the next request.",
        scope="accounts:manage",
        response=None,
        status=204,
        account_wide=False,
        problems=(404,),
    )
)
def handler(request: Request[None]) -> Response:
    """End a portal session."""
    opener.delete(request.path_id(PortalSessionNotFoundError), request.origin)
    return NO_CONTENT
