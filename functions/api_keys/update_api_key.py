"""PATCH /api-keys/{id}: a part of a key's configuration, by JSON merge patch (document 003)."""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.edge.answers.api_keys import ApiKeyAnswer, api_key_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.key_patches import patched
from latchhook.edge.merge_patch import read_patch
from latchhook.edge.request import Request

editor = bootstrap.key_editor()


@bootstrap.endpoint(
    Description(
        scope="api-keys:write",
        body=read_patch,
        body_schema="latchhook.edge.schemas.key_changes:PatchKeyBody",
        answer=ApiKeyAnswer,
        problems=(404, 409),
        rate="write",
    )
)
def handler(request: Request[Mapping[str, Any]]) -> Answer:
    """Change an API key."""
    key = editor.change(
        request.path_id(ApiKeyNotFoundError),
        lambda before: patched(before, request.body, request.now),
        request.origin,
    )
    return ok(api_key_answer(key, request.now))
