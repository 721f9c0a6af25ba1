"""GET /integration/api-keys: list the account's API keys that are not revoked."""

from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.endpoints import endpoint
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.integration_keys import IntegrationKeyListResponse, integration_key_response

MOST_KEYS = 1_000
"""The list has no pages. It shows only the newest keys of an account with more keys."""

keys = api_keys_table()


@endpoint(
    Description(
        summary="List API keys that are not revoked",
        description="Returns the account's 1,000 newest API keys that are not revoked.",
        scope="api-keys:read",
        response=IntegrationKeyListResponse,
        credentials="session",
    )
)
def handler(request: Request[None]) -> Response:
    """List API keys that are not revoked."""
    live = keys.newest_live(request.account_id, limit=MOST_KEYS)
    response: IntegrationKeyListResponse = {"keys": [integration_key_response(key) for key in live]}
    return ok(response)
