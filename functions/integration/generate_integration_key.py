"""POST /integration/api-keys/generate: create an API key from a user session."""

from typing import Any

from latchhook.api_keys.creation import DEFAULT_NAME, KeySettings
from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.key_management import key_issuer
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.integration_keys import GeneratedKeyResponse
from latchhook.edge.schemas.api_keys import GenerateKeyBody
from latchhook.idempotency_records import CompletedRequest

issuer = key_issuer()
keys = api_keys_table()


def _replay(request: Request[Any], done: CompletedRequest) -> Response:
    generated: GeneratedKeyResponse = {"apiKey": None, "name": keys.get(request.account_id, done.target_id).name}
    return ok(generated)


@endpoint(
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
        problems=("profile_beyond_creator", "scope_beyond_creator", "too_many_keys"),
        replay=_replay,
        rate="write",
    )
)
def handler(request: Request[GenerateKeyBody]) -> Response:
    """Generate an API key."""
    settings = KeySettings(name=request.body.name or DEFAULT_NAME)
    issued = issuer.create(settings, request.origin, request.idempotency_key)
    generated: GeneratedKeyResponse = {"apiKey": issued.text, "name": issued.key.name}
    return ok(generated)
