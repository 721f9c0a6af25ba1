"""POST /api-keys: create an API key."""

from typing import Any

from latchhook.api_keys.api_key import ApiKey
from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.billing import billing_day_of
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.key_management import key_issuer
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.request import Request
from latchhook.edge.responses.api_keys import CreatedApiKeyResponse, api_key_response
from latchhook.edge.schemas.api_keys import CreateKeyBody
from latchhook.idempotency_records import CompletedRequest

issuer = key_issuer()
keys = api_keys_table()


def _response(request: Request[Any], key: ApiKey, text: str | None) -> Response:
    billing = billing_day_of(request.account_id)
    created: CreatedApiKeyResponse = {**api_key_response(key, request.now, billing), "key": text}
    return Response(201, created, {"location": f"api-keys/{key.id}"})


def _replay(request: Request[Any], done: CompletedRequest) -> Response:
    return _response(request, keys.get(request.account_id, done.target_id), None)


@endpoint(
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
        replay=_replay,
        problems=("profile_beyond_creator", "scope_beyond_creator", "too_many_keys"),
        rate="write",
    )
)
def handler(request: Request[CreateKeyBody]) -> Response:
    """Create an API key."""
    issued = issuer.create(request.body.settings(), request.origin, request.idempotency_key)
    return _response(request, issued.key, issued.text)
