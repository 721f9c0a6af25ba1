"""POST /api-keys/{id}/rotate: create a new secret for an API key."""

from datetime import datetime
from typing import Any

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.billing import billing_day_of
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.key_management import key_issuer
from latchhook.clock import rfc3339_or_none
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.api_keys import RotatedApiKeyResponse, api_key_response
from latchhook.edge.schemas.api_keys import RotateKeyBody
from latchhook.idempotency_records import CompletedRequest

issuer = key_issuer()
keys = api_keys_table()


def _response(request: Request[Any], key: ApiKey, text: str | None, previous_until: datetime | None) -> Response:
    rotated: RotatedApiKeyResponse = {
        **api_key_response(key, request.now, billing_day_of(request.account_id)),
        "key": text,
        "previousKeyExpiresAt": rfc3339_or_none(previous_until),
    }
    return ok(rotated)


def _replay(request: Request[Any], done: CompletedRequest) -> Response:
    return _response(request, keys.get(request.account_id, done.target_id), None, done.previous_until)


@endpoint(
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
        problems=(404, "api_key_revoked", "profile_beyond_creator", "scope_beyond_creator"),
        replay=_replay,
        rate="write",
    )
)
def handler(request: Request[RotateKeyBody]) -> Response:
    """Rotate an API key."""
    issued = issuer.rotate(
        request.path_id(ApiKeyNotFoundError),
        grace_seconds=request.body.grace_period_seconds,
        origin=request.origin,
        idempotency_key=request.idempotency_key,
    )
    return _response(request, issued.key, issued.text, issued.previous_until)
