"""POST /portal-sessions: create a portal session for a user of an account."""

from typing import Any

from latchhook.bootstrap import environment
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.portal import portal_opener, portal_sessions_table
from latchhook.bootstrap.request_checks import completed_requests
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.portal_urls import checked_return_url, portal_url
from latchhook.edge.request import Request
from latchhook.edge.responses.portal import CreatedPortalSessionResponse, portal_session_response
from latchhook.edge.schemas.portal import CreatePortalSessionBody
from latchhook.idempotency_records import CompletedRequest
from latchhook.members.portal_session import PortalSession

opener = portal_opener()
sessions = portal_sessions_table()


def _response(session: PortalSession, url: str | None) -> Response:
    created: CreatedPortalSessionResponse = {**portal_session_response(session), "url": url}
    return Response(201, created, {"location": f"portal-sessions/{session.id}"})


def _replay(request: Request[Any], done: CompletedRequest) -> Response:  # noqa: ARG001
    return _response(sessions.get(done.target_id), None)


@endpoint(
    Description(
        summary="Create a portal session",
        description=(
            "Creates a session with which a user of an account uses the console. The URL works once, within 60 "
            "seconds. The rights are those of the role, the profile or the stored membership, and for a member never "
            "more than the member's. They never include operator scopes."
        ),
        scope="accounts:manage",
        body=CreatePortalSessionBody,
        response=CreatedPortalSessionResponse,
        status=201,
        account_wide=False,
        replay=_replay,
    )
)
def handler(request: Request[CreatePortalSessionBody]) -> Response:
    """Create a portal session."""
    return_url = checked_return_url(request.body.return_url, environment.settings().console_frame_ancestors)
    opened = opener.create(request.body.chosen(return_url), request.origin)
    if request.idempotency_key is not None:
        done = CompletedRequest(request.idempotency_key.fingerprint, opened.session.id)
        completed_requests().add(request.account_id, request.idempotency_key, done, now=request.now)
    return _response(
        opened.session, portal_url(request.raw, opened.secret, console_url=environment.settings().console_url)
    )
