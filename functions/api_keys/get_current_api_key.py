"""GET /api-keys/current: return the API key that authenticates the request."""

from latchhook.bootstrap import environment
from latchhook.bootstrap.billing import billing_day_of
from latchhook.bootstrap.endpoints import endpoint
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.api_keys import CurrentApiKeyResponse, api_key_response

catalogue = environment.catalogue()


@endpoint(
    Description(
        summary="Get the current API key",
        description="Returns the API key that authenticates this request, with the scopes that it grants.",
        scope=None,
        response=CurrentApiKeyResponse,
        credentials="key",
    )
)
def handler(request: Request[None]) -> Response:
    """Get the current API key."""
    billing = billing_day_of(request.account_id)
    response: CurrentApiKeyResponse = {
        **api_key_response(request.own_key, request.now, billing),
        "grantedScopes": list(request.caller.grants.listed(catalogue)),
    }
    return ok(response)
