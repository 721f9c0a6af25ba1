"""GET /api-keys/{id}/usage: return the daily uses and refusals of one API key."""

from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.key_uses import key_uses_table
from latchhook.edge.days import DAYS, read_days
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.key_usage import UsageResponse, usage_response

uses = key_uses_table()


@endpoint(
    Description(
        summary="Get the usage of an API key",
        description=(
            "Returns the key's accepted requests and refused verifications for each UTC day, oldest day first. The "
            "last day is today and not complete."
        ),
        scope="api-keys:read",
        response=UsageResponse,
        problems=(404,),
        query=(DAYS,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get the usage of an API key."""
    days = read_days(request)
    key_id = request.path_id(ApiKeyNotFoundError)
    return ok(usage_response(key_id, uses.usage(request.account_id, key_id), days, request.now))
