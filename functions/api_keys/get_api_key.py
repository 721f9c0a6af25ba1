"""GET /api-keys/{id}: return one API key."""

from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.billing import billing_day_of
from latchhook.bootstrap.endpoints import endpoint
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.api_keys import ApiKeyResponse, api_key_response

keys = api_keys_table()


@endpoint(
    Description(
        summary="Get an API key",
        description="Returns one API key of the account, without its secret.",
        scope="api-keys:read",
        response=ApiKeyResponse,
        problems=(404,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get an API key."""
    key = keys.get(request.account_id, request.path_id(ApiKeyNotFoundError))
    return ok(api_key_response(key, request.now, billing_day_of(request.account_id)))
