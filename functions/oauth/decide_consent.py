"""POST /oauth/consents: store the decision of a user about an authorization request."""

from latchhook.bootstrap import environment
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.oauth import consent_desk
from latchhook.edge.base_urls import issuer
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.oauth_consents import ConsentResponse
from latchhook.edge.schemas.oauth_consents import ConsentBody
from latchhook.oauth.consent import redirect_for_error
from latchhook.oauth.errors import OAuthError
from latchhook.oauth.protocol import redirect_to

desk = consent_desk()
configured_issuer = environment.settings().oauth_issuer


@endpoint(
    Description(
        summary="Allow or deny an app",
        description=(
            "Stores the consent of the caller and returns the app's address with a code, or with an error if the "
            "caller denies. A code works once, within 60 seconds. The console's consent page calls it."
        ),
        scope=None,
        body=ConsentBody,
        response=ConsentResponse,
        credentials="session",
        problems=("unknown_oauth_client", "consent_not_possible", "too_many_oauth_grants"),
        rate="write",
    )
)
def handler(request: Request[ConsentBody]) -> Response:
    """Allow or deny an app."""
    name = issuer(request.raw, configured_issuer)
    parameters = request.body.parameters()
    try:
        if request.body.decision == "deny":
            desk.deny(parameters, request.caller, now=request.now)
        asked, consented = desk.allow(parameters, request.origin)
    except OAuthError as error:
        response: ConsentResponse = {"redirectTo": redirect_for_error(desk.reader, parameters, error, issuer=name)}
        return ok(response)
    answer = {"code": consented.code, "state": asked.state, "iss": name}
    allowed: ConsentResponse = {"redirectTo": redirect_to(asked.redirect_uri, answer)}
    return ok(allowed)
