"""GET /portal-sessions/{id}: return a portal session."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.portal import portal_sessions_table
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.portal import PortalSessionResponse, portal_session_response
from latchhook.members.errors import PortalSessionNotFoundError

sessions = portal_sessions_table()


@endpoint(
    Description(
        summary="Get a portal session",
        description="Returns a portal session without its secrets, until it is deleted or some time after its end.",
        scope="accounts:manage",
        response=PortalSessionResponse,
        account_wide=False,
        problems=(404,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get a portal session."""
    return ok(portal_session_response(sessions.get(request.path_id(PortalSessionNotFoundError))))
