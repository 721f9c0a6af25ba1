"""POST /api-keys: create an API key."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.idempotency import REPEATED, idempotency_key
from latchhook.edge.request import Request
from latchhook.edge.responses.api_keys import CreatedApiKeyResponse, api_key_response
from latchhook.edge.schemas.api_keys import CreateKeyBody

issuer = bootstrap.key_issuer()


@bootstrap.endpoint(
    Description(
        summary="Create an API key",
        description=(
            "Creates an API key. Only this response contains the key text. The key cannot have scopes that the caller "
            "does not have. A repeated request with the same `Idempotency-Key` creates no second key and returns null "
            "as `key`."
        ),
        scope="api-keys:write",
        body=CreateKeyBody,
        response=CreatedApiKeyResponse,
        status=201,
        takes_idempotency_key=True,
        problems=(409,),
        rate="write",
    )
)
def handler(request: Request[CreateKeyBody]) -> Response:
    """Create an API key."""
    issued = issuer.create(request.body.settings(), request.origin, idempotency_key(request))
    created: CreatedApiKeyResponse = {**api_key_response(issued.key, request.now), "key": issued.text}
    headers = {"location": f"api-keys/{issued.key.id}"}
    return Response(201, created, headers if issued.text else {**headers, **REPEATED})
