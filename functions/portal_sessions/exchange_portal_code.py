"""POST /portal-sessions/exchange: exchange the code of a URL for a session token."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.portal import portal_opener
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.portal import ExchangedPortalSessionResponse, exchanged_response
from latchhook.edge.schemas.portal import ExchangePortalCodeBody

opener = portal_opener()


@endpoint(
    Description(
        summary="Exchange a portal code",
        description=(
            "Exchanges the code in the URL of a portal session for a session token. The console calls it. A code works "
            "once, within 60 seconds. Every other text gets the same 401."
        ),
        scope=None,
        body=ExchangePortalCodeBody,
        response=ExchangedPortalSessionResponse,
        credentials="none",
        account_wide=False,
        problems=("portal_code_invalid",),
    )
)
def handler(request: Request[ExchangePortalCodeBody]) -> Response:
    """Exchange a portal code."""
    opened = opener.exchange(request.body.code, now=request.now)
    return ok(exchanged_response(opened.session, opened.secret))
