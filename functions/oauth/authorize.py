"""GET /oauth/authorize: check an authorization request, and open the consent page (RFC 6749, 4.1.1)."""

from latchhook.bootstrap import environment
from latchhook.bootstrap.oauth import public_endpoint, request_reader
from latchhook.edge.authorization_pages import AUTHORIZATION_QUERY, INVALID_LINK, consent_page_url, redirect
from latchhook.edge.base_urls import issuer
from latchhook.edge.endpoint import Response
from latchhook.edge.oauth_endpoint import OAuthDescription
from latchhook.edge.oauth_queries import read_query
from latchhook.edge.request import RawRequest
from latchhook.oauth.errors import OAuthError, UnknownClientError
from latchhook.oauth.protocol import check_request, error_redirect, redirect_uri_of

reader = request_reader()
configured_issuer = environment.settings().oauth_issuer
console_url = environment.settings().console_url


@public_endpoint(
    OAuthDescription(
        summary="Ask a user for rights",
        description=(
            "Checks the request of an app and redirects the browser to the consent page. An error is reported to the "
            "app by a redirect. For an unknown client or redirect URI, the response is a page without a redirect."
        ),
        response=None,
        status=303,
        query=AUTHORIZATION_QUERY,
    )
)
def handler(request: RawRequest) -> Response:
    """Ask a user for rights."""
    query = str(request.event.get("rawQueryString") or "")
    try:
        parameters = read_query(query)
        client = reader.client_of(parameters)
        redirect_uri = redirect_uri_of(parameters, client)
    except (UnknownClientError, ValueError):
        return INVALID_LINK
    try:
        check_request(parameters, client, redirect_uri)
    except OAuthError as error:
        name = issuer(request, configured_issuer)
        return redirect(error_redirect(redirect_uri, parameters, error, issuer=name))
    return redirect(consent_page_url(request, query, console_url=console_url))
