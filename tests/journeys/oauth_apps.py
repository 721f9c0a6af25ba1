"""OAuth apps of the journeys: a client, a user, and the requests of the user's browser."""

from typing import Any
from urllib.parse import urlsplit

import requests

from local.stack import RunningStack
from tests.journeys.product import PATIENCE_SECONDS, Caller, admin, new_account

REDIRECT_URI = "https://app.example.com/callback"
SCOPES = ["orders:read", "api-keys:read"]
USER_ID = "2b9e4d17-3c6f-4a85-b1d0-7f8a5c2e6394"
"""The user of the tokens of `admin`."""


def user_of(stack: RunningStack, account_id: str) -> Caller:
    """Make the account's admin a stored member, and return it."""
    user = admin(stack, account_id)
    user.call("PUT", f"/members/{USER_ID}", {"role": "admin"}, status=201)
    return user


def client_of(user: Caller, **settings: Any) -> dict[str, Any]:
    """Create an OAuth client."""
    body = {"name": "Warehouse app", "redirectUris": [REDIRECT_URI], "scopes": SCOPES, **settings}
    created: dict[str, Any] = user.call("POST", "/oauth-clients", body, status=201)
    return created


def account_with_client(stack: RunningStack, **settings: Any) -> tuple[Caller, dict[str, Any]]:
    """Create an account with a user and a client."""
    user = user_of(stack, new_account())
    return user, client_of(user, **settings)


def allowed(user: Caller, authorization_url: str) -> str:
    """Open an authorization URL as the user's browser does, allow the request, and return the redirect to the app."""
    response = requests.get(authorization_url, allow_redirects=False, timeout=PATIENCE_SECONDS)
    assert response.status_code == 303, response.text
    page = urlsplit(response.headers["location"])
    assert page.path.endswith("/admin/integrations/authorize")
    decided = user.call("POST", "/oauth/consents", {"query": page.query, "decision": "allow"}, status=200)
    return str(decided["redirectTo"])
