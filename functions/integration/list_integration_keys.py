"""GET /integration/api-keys: the account's keys that are not revoked, by document 000."""

from latchhook import bootstrap
from latchhook.edge.answers.integration_keys import IntegrationKeyListAnswer, integration_key_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

MOST_KEYS = 1_000
"""Document 000's list has no pages: it shows the newest of an account that has more."""

keys = bootstrap.api_keys()


@bootstrap.endpoint(Description(scope="api-keys:read", answer=IntegrationKeyListAnswer, credentials="session"))
def handler(request: Request[None]) -> Answer:
    """List the account's live API keys."""
    live = keys.newest_live(request.account_id, limit=MOST_KEYS)
    answer: IntegrationKeyListAnswer = {"keys": [integration_key_answer(key) for key in live]}
    return ok(answer)
