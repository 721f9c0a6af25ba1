"""GET /api-keys/current: return the API key that authenticates the request."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.api_keys import CurrentApiKeyResponse, api_key_response

catalogue = bootstrap.catalogue()


@bootstrap.endpoint(
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
    response: CurrentApiKeyResponse = {
        **api_key_response(request.own_key, request.now),
        "grantedScopes": list(request.caller.grants.listed(catalogue)),
    }
    return ok(response)
