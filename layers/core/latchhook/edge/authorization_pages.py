"""The pages and redirects of the authorization endpoint."""

from latchhook.edge.base_urls import base_url
from latchhook.edge.endpoint import HtmlResponse, QueryParameter, Response
from latchhook.edge.request import RawRequest

_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}

AUTHORIZATION_QUERY = (
    QueryParameter("response_type", "Must be `code`.", "code"),
    QueryParameter("client_id", "The id of the client.", "8d3f1c52-6a0e-4b7d-9c41-2f5e8a6b0d13"),
    QueryParameter("redirect_uri", "A redirect URI of the client.", "https://app.example.com/callback"),
    QueryParameter(
        "scope",
        "The requested scopes, separated by spaces. The default is all of the client.",
        "orders:read",
    ),
    QueryParameter("state", "A text that the redirect returns.", "af0ifjsldkj"),
    QueryParameter("code_challenge", "The PKCE challenge (RFC 7636).", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    QueryParameter("code_challenge_method", "Must be `S256`.", "S256"),
    QueryParameter("resource", "The API for which the tokens are (RFC 8707).", "https://api.example.com"),
    QueryParameter("prompt", "`consent` shows the consent page again.", "consent"),
)
"""The parameters of an authorization request (RFC 6749, 4.1.1; RFC 7636; RFC 8707)."""

INVALID_LINK = HtmlResponse(
    400,
    headers={
        **_HEADERS,
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
    },
    html=(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>This link does not work</title></head>'
        "<body><h1>This link does not work</h1><p>The app that sent you here is unknown, is disabled, or uses an "
        "address that it has not registered. Close this page and tell the app's developer.</p></body></html>"
    ),
)
"""The response for an unknown client or redirect URI. It never redirects."""


def redirect(url: str) -> Response:
    """Return a redirect after which the browser sends GET without a body (RFC 9700, 4.12)."""
    return Response(303, None, {**_HEADERS, "location": url})


def consent_page_url(request: RawRequest, query: str, *, console_url: str) -> str:
    """Return the address of the console's consent page with the query of the authorization request."""
    console = console_url.rstrip("/") or f"{base_url(request)}/admin/integrations"
    return f"{console}/authorize?{query}"
