"""GET /.well-known/oauth-protected-resource: return the metadata of this API as a protected resource (RFC 9728)."""

from latchhook.bootstrap import environment
from latchhook.bootstrap.oauth import public_endpoint
from latchhook.edge.base_urls import base_url, issuer
from latchhook.edge.endpoint import Response
from latchhook.edge.oauth_endpoint import OAuthDescription
from latchhook.edge.request import RawRequest
from latchhook.edge.responses.oauth_protocol import ProtectedResourceMetadata, protected_resource_metadata

configured_issuer = environment.settings().oauth_issuer


@public_endpoint(
    OAuthDescription(
        summary="Get the protected resource metadata",
        description="Returns the authorization server whose tokens this API accepts (RFC 9728).",
        response=ProtectedResourceMetadata,
    )
)
def handler(request: RawRequest) -> Response:
    """Get the protected resource metadata."""
    name = issuer(request, configured_issuer)
    body = protected_resource_metadata(name, base_url(request))
    return Response(200, body, {"cache-control": "public, max-age=300"})
