"""GET /admin/integrations and all paths below it: serve the console's files."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from latchhook.bootstrap import environment
from latchhook.bootstrap.public_routes import public_route
from latchhook.edge.page_security import security_headers
from latchhook.edge.portal_urls import origins
from latchhook.edge.request import RawRequest
from latchhook.edge.static_site import StaticSite, wants_document

CONSENT = "/authorize"
"""The path of the consent page below the console."""

SITE = StaticSite(Path(__file__).with_name("assets"), "/admin/integrations")


@public_route
def handler(event: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Serve a file, the page's settings or the page. No credentials are needed: the page itself asks for a session."""
    request = RawRequest(event)
    nonce = base64.b64encode(environment.rng().randbytes(16)).decode()
    settings = environment.settings()
    below = SITE.path_below(request)
    # A page in a frame could lead the user to allow an app unknowingly (RFC 9700, 4.16).
    framing = "'none'" if below.rstrip("/").lower() == CONSENT else settings.console_frame_ancestors
    headers = security_headers(connects_to=settings.console_supabase_url, frame_ancestors=framing, nonce=nonce)
    if below == "/config.json":
        return SITE.settings(page_settings(), headers)
    if below in {"", "/"} or (wants_document(request) and not below.startswith("/assets/")):
        return SITE.document(request, headers, nonce)
    return SITE.file(request, headers)


def page_settings() -> dict[str, Any]:
    """Return the deployment's settings that the page needs. They are public."""
    settings = environment.settings()
    supabase = {"url": settings.console_supabase_url, "key": settings.console_supabase_key}
    return {
        "supabase": supabase if settings.console_supabase_url else None,
        "frameAncestors": origins(settings.console_frame_ancestors),
        "signInAsUrl": settings.console_sign_in_as_url or None,
        "keyPrefix": settings.api_key_prefix,
        "signatureHeaderPrefix": settings.signature_header_prefix,
        "rotationGraceSeconds": settings.rotation_grace_seconds,
        "retryScheduleSeconds": settings.retry_schedule_seconds,
    }
