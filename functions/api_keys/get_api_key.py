"""GET /api-keys/{id}: one key of the account, never with its secret (document 001)."""

from latchhook import bootstrap
from latchhook.api_keys.errors import ApiKeyNotFoundError
from latchhook.edge.answers.api_keys import ApiKeyAnswer, api_key_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

keys = bootstrap.api_keys()


@bootstrap.endpoint(Description(scope="api-keys:read", answer=ApiKeyAnswer, problems=(404,)))
def handler(request: Request[None]) -> Answer:
    """Get an API key."""
    key = keys.get(request.account_id, request.path_id(ApiKeyNotFoundError))
    return ok(api_key_answer(key, request.now))
