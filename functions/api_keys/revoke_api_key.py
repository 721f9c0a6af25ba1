"""DELETE /api-keys/{id}: revoke an API key."""

from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.key_management import key_issuer
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request

issuer = key_issuer()


@endpoint(
    Description(
        summary="Revoke an API key",
        description=(
            "Revokes the key permanently. The next request with the key is refused. Revoking a revoked key has no "
            "further effect."
        ),
        scope="api-keys:write",
        response=None,
        status=204,
        problems=(404,),
    )
)
def handler(request: Request[None]) -> Response:
    """Revoke an API key."""
    issuer.revoke(request.path_id(ApiKeyNotFoundError), request.origin)
    return NO_CONTENT
