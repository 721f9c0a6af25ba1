"""DELETE /api-keys/current: who holds a key may revoke it, whatever it may do else.

Its secret is all that is asked for: a key that leaked is revoked from anywhere, also while a thief uses up its limits.
"""

from latchhook import bootstrap
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request

issuer = bootstrap.key_issuer()


@bootstrap.endpoint(Description(scope=None, response=None, status=204, credentials="secret"))
def handler(request: Request[None]) -> Response:
    """Revoke the API key of the request."""
    issuer.revoke(request.own_key.id, request.origin)
    return NO_CONTENT
