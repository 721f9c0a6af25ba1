"""The address of this API in a request, with the base path of a custom domain."""

from latchhook.edge.request import RawRequest


def base_url(request: RawRequest) -> str:
    """Return the URL before the route's path, without a slash at the end.

    API Gateway routes a request by its host name, so a caller cannot choose it.
    """
    scheme = request.header("x-forwarded-proto") or "https"
    host = request.header("host") or request.domain_name
    _, _, path = request.route.partition(" ")
    first = "/" + path.lstrip("/").partition("/")[0]
    base = request.path.partition(first)[0] if len(first) > 1 else ""
    return f"{scheme}://{host}{base}"


def issuer(request: RawRequest, configured: str) -> str:
    """Return the issuer (RFC 8414, 2): the configured one, or the address of this API."""
    return configured.rstrip("/") or base_url(request)


def protected_resource_metadata_url(request: RawRequest) -> str:
    """Return the URL of the metadata of this API as a protected resource (RFC 9728, 3)."""
    return f"{base_url(request)}/.well-known/oauth-protected-resource"
