"""PUT /api-keys/{id}: replace the configuration of an API key."""

from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.bootstrap.billing import billing_day_of
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.key_management import key_editor
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.api_keys import ApiKeyResponse, api_key_response
from latchhook.edge.schemas.key_changes import ReplaceKeyBody

editor = key_editor()


@endpoint(
    Description(
        summary="Replace an API key's configuration",
        description=(
            "Replaces all settings of the key. Settings that the request omits are removed, except `status`, which "
            "stays unchanged. The secret stays the same. A revoked key cannot be changed."
        ),
        scope="api-keys:write",
        body=ReplaceKeyBody,
        response=ApiKeyResponse,
        problems=(404, "api_key_revoked", "profile_beyond_creator", "scope_beyond_creator"),
        rate="write",
    )
)
def handler(request: Request[ReplaceKeyBody]) -> Response:
    """Replace an API key's configuration."""
    chosen = request.body.configuration()
    key = editor.change(request.path_id(ApiKeyNotFoundError), lambda _: chosen, request.origin)
    return ok(api_key_response(key, request.now, billing_day_of(request.account_id)))
