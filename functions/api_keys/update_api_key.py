"""PATCH /api-keys/{id}: change some settings of an API key."""

from collections.abc import Mapping
from typing import Any

from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.bootstrap.billing import billing_day_of
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.key_management import key_editor
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.key_patches import patched
from latchhook.edge.merge_patch import read_patch
from latchhook.edge.request import Request
from latchhook.edge.responses.api_keys import ApiKeyResponse, api_key_response

editor = key_editor()


@endpoint(
    Description(
        summary="Update an API key",
        description=(
            "Changes the settings that the JSON merge patch (RFC 7396) contains. Omitted settings stay unchanged, and "
            "null removes a setting. The secret stays the same. A revoked key cannot be changed."
        ),
        scope="api-keys:write",
        body=read_patch,
        body_schema="latchhook.edge.schemas.key_changes:PatchKeyBody",
        response=ApiKeyResponse,
        problems=(404, "api_key_revoked", "profile_beyond_creator", "scope_beyond_creator"),
        rate="write",
    )
)
def handler(request: Request[Mapping[str, Any]]) -> Response:
    """Update an API key."""
    key = editor.change(
        request.path_id(ApiKeyNotFoundError),
        lambda before: patched(before, request.body, request.now),
        request.origin,
    )
    return ok(api_key_response(key, request.now, billing_day_of(request.account_id)))
