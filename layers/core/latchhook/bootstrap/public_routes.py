"""Routes without authentication."""

from latchhook.bootstrap.environment import settings
from latchhook.edge.loops import Handler, refusing_deliveries


def public_route(handler: Handler) -> Handler:
    """Wrap the handler of a route without authentication, so that it also refuses deliveries of webhooks with 403."""
    return refusing_deliveries(handler, header_prefix=settings().signature_header_prefix)
