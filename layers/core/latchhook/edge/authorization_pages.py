"""The pages and redirects of the authorization endpoint."""

from latchhook.edge.base_urls import base_url
from latchhook.edge.endpoint import HtmlResponse, Response
from latchhook.edge.request import RawRequest

_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}

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
