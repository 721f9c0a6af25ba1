"""GET /.well-known/oauth-authorization-server: return the metadata of the authorization server (RFC 8414)."""

from latchhook.bootstrap import environment
from latchhook.bootstrap.oauth import public_endpoint
from latchhook.edge.base_urls import base_url, issuer
from latchhook.edge.endpoint import Response
from latchhook.edge.oauth_endpoint import OAuthDescription
from latchhook.edge.request import RawRequest
from latchhook.edge.responses.oauth_protocol import AuthorizationServerMetadata, authorization_server_metadata

configured_issuer = environment.settings().oauth_issuer


@public_endpoint(
    OAuthDescription(
        summary="Get the authorization server metadata",
        description="Returns the endpoints and abilities of the authorization server (RFC 8414).",
        response=AuthorizationServerMetadata,
    )
)
def handler(request: RawRequest) -> Response:
    """Get the authorization server metadata."""
    name = issuer(request, configured_issuer)
    body = authorization_server_metadata(name, base_url(request))
    return Response(200, body, {"cache-control": "public, max-age=300"})
