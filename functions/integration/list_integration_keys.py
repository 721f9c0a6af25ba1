"""GET /integration/api-keys: the account's keys that are not revoked, by document 000."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.integration_keys import IntegrationKeyListResponse, integration_key_response

MOST_KEYS = 1_000
"""Document 000's list has no pages: it shows the newest of an account that has more."""

keys = bootstrap.api_keys()


@bootstrap.endpoint(Description(scope="api-keys:read", response=IntegrationKeyListResponse, credentials="session"))
def handler(request: Request[None]) -> Response:
    """List the account's live API keys."""
    live = keys.newest_live(request.account_id, limit=MOST_KEYS)
    response: IntegrationKeyListResponse = {"keys": [integration_key_response(key) for key in live]}
    return ok(response)
