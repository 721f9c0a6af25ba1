"""POST /integration/api-keys/generate: create an API key from a user session."""

from latchhook import bootstrap
from latchhook.api_keys.creation import DEFAULT_NAME, KeySettings
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.integration_keys import GeneratedKeyResponse
from latchhook.edge.schemas.api_keys import GenerateKeyBody

issuer = bootstrap.key_issuer()


@bootstrap.endpoint(
    Description(
        summary="Generate an API key",
        description=(
            "Creates an API key without scopes. The request body can be empty. Only this response contains the key "
            "text."
        ),
        scope="api-keys:write",
        body=GenerateKeyBody,
        response=GeneratedKeyResponse,
        credentials="session",
        problems=(409,),
        rate="write",
    )
)
def handler(request: Request[GenerateKeyBody]) -> Response:
    """Generate an API key."""
    issued = issuer.create(KeySettings(name=request.body.name or DEFAULT_NAME), request.origin)
    generated: GeneratedKeyResponse = {"apiKey": issued.text or "", "name": issued.key.name}
    return ok(generated)
