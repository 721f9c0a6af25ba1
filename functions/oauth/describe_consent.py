"""POST /oauth/consent-screen: describe an authorization request to the user who decides about it."""

from latchhook.bootstrap import environment
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.oauth import consent_desk
from latchhook.edge.base_urls import issuer
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.oauth_consents import (
    ConsentScreenResponse,
    consent_screen_response,
    error_screen_response,
)
from latchhook.edge.schemas.oauth_consents import ConsentScreenBody
from latchhook.oauth.consent import redirect_for_error
from latchhook.oauth.errors import OAuthError

desk = consent_desk()
configured_issuer = environment.settings().oauth_issuer


@endpoint(
    Description(
        summary="Describe an authorization request",
        description=(
            "Returns which app asks for which rights of the caller. The console's consent page calls it. The user must "
            "be a stored member of the account."
        ),
        scope=None,
        body=ConsentScreenBody,
        response=ConsentScreenResponse,
        credentials="session",
        problems=("unknown_oauth_client", "consent_not_possible", "too_many_oauth_grants"),
    )
)
def handler(request: Request[ConsentScreenBody]) -> Response:
    """Describe an authorization request."""
    parameters = request.body.parameters()
    try:
        return ok(consent_screen_response(desk.screen(parameters, request.caller, now=request.now)))
    except OAuthError as error:
        name = issuer(request.raw, configured_issuer)
        return ok(error_screen_response(redirect_for_error(desk.reader, parameters, error, issuer=name)))
