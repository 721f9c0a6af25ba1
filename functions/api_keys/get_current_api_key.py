"""GET /api-keys/current: the key that the request was made with, and what it may do."""

from latchhook import bootstrap
from latchhook.edge.answers.api_keys import CurrentApiKeyAnswer, api_key_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

catalogue = bootstrap.catalogue()


@bootstrap.endpoint(Description(scope=None, answer=CurrentApiKeyAnswer, credentials="key"))
def handler(request: Request[None]) -> Answer:
    """Get the API key of the request."""
    answer: CurrentApiKeyAnswer = {
        **api_key_answer(request.own_key, request.now),
        "grantedScopes": list(request.caller.grants.listed(catalogue)),
    }
    return ok(answer)
