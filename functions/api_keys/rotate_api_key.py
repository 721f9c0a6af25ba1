"""POST /api-keys/{id}/rotate: create a new secret for an API key."""

from latchhook import bootstrap
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.clock import rfc3339_or_none
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.idempotency import REPEATED, idempotency_key
from latchhook.edge.request import Request
from latchhook.edge.responses.api_keys import RotatedApiKeyResponse, api_key_response
from latchhook.edge.schemas.api_keys import RotateKeyBody

issuer = bootstrap.key_issuer()


@bootstrap.endpoint(
    Description(
        summary="Rotate an API key",
        description=(
            "Creates a new secret for the key. Only this response contains the new key text. The previous secret "
            "works until the end of the grace period or the key's expiry, whichever is earlier. A repeated request "
            "with the same `Idempotency-Key` does not rotate again and returns null as `key`."
        ),
        scope="api-keys:write",
        body=RotateKeyBody,
        response=RotatedApiKeyResponse,
        problems=(404, 409),
        takes_idempotency_key=True,
        rate="write",
    )
)
def handler(request: Request[RotateKeyBody]) -> Response:
    """Rotate an API key."""
    issued = issuer.rotate(
        request.path_id(ApiKeyNotFoundError),
        grace_seconds=request.body.grace_period_seconds,
        origin=request.origin,
        idempotency_key=idempotency_key(request),
    )
    rotated: RotatedApiKeyResponse = {
        **api_key_response(issued.key, request.now),
        "key": issued.text,
        "previousKeyExpiresAt": rfc3339_or_none(issued.previous_until),
    }
    return Response(200, rotated, {} if issued.text else REPEATED)
