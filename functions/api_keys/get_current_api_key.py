"""GET /api-keys/current: the key that the request was made with, and what it may do."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.api_keys import CurrentApiKeyResponse, api_key_response

catalogue = bootstrap.catalogue()


@bootstrap.endpoint(Description(scope=None, response=CurrentApiKeyResponse, credentials="key"))
def handler(request: Request[None]) -> Response:
    """Get the API key of the request."""
    response: CurrentApiKeyResponse = {
        **api_key_response(request.own_key, request.now),
        "grantedScopes": list(request.caller.grants.listed(catalogue)),
    }
    return ok(response)
