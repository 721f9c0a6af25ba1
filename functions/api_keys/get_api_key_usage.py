"""GET /api-keys/{id}/usage: how often a key was used and refused, day by day (document 002's usage dashboard)."""

from latchhook import bootstrap
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.edge.days import DAYS, read_days
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.key_usage import UsageResponse, usage_response

uses = bootstrap.key_uses()


@bootstrap.endpoint(
    Description(
        scope="api-keys:read",
        response=UsageResponse,
        problems=(404,),
        query=(DAYS,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get an API key's usage."""
    days = read_days(request)
    key_id = request.path_id(ApiKeyNotFoundError)
    return ok(usage_response(key_id, uses.usage(request.account_id, key_id), days, request.now))
