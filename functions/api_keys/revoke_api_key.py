"""DELETE /api-keys/{id}: revoke a key; the next request with it is refused (documents 001, 002, 003)."""

from latchhook import bootstrap
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request

issuer = bootstrap.key_issuer()


@bootstrap.endpoint(Description(scope="api-keys:write", response=None, status=204, problems=(404,)))
def handler(request: Request[None]) -> Response:
    """Revoke an API key."""
    issuer.revoke(request.path_id(ApiKeyNotFoundError), request.origin)
    return NO_CONTENT
