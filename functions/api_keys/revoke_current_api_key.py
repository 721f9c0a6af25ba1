"""DELETE /api-keys/current: revoke the API key that authenticates the request."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.key_management import key_issuer
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request

issuer = key_issuer()


@endpoint(
    Description(
        summary="Revoke the current API key",
        description=(
            "Revokes the API key that authenticates this request. The key's scopes, limits, IP allow-list and "
            "`disabled` status are not checked, so that the finder of a leaked key can revoke it from any address."
        ),
        scope=None,
        response=None,
        status=204,
        credentials="secret",
    )
)
def handler(request: Request[None]) -> Response:
    """Revoke the current API key."""
    issuer.revoke(request.own_key.id, request.origin)
    return NO_CONTENT
