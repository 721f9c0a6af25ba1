"""PUT /api-keys/{id}: the whole configuration of a key, which keeps its secret (document 001)."""

from latchhook import bootstrap
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.edge.answers.api_keys import ApiKeyAnswer, api_key_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request
from latchhook.edge.schemas.key_changes import ReplaceKeyBody

editor = bootstrap.key_editor()


@bootstrap.endpoint(
    Description(scope="api-keys:write", body=ReplaceKeyBody, answer=ApiKeyAnswer, problems=(404, 409), rate="write")
)
def handler(request: Request[ReplaceKeyBody]) -> Answer:
    """Replace an API key's configuration."""
    chosen = request.body.configuration()
    key = editor.change(request.path_id(ApiKeyNotFoundError), lambda _: chosen, request.origin)
    return ok(api_key_answer(key, request.now))
