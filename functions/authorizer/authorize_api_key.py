"""A Lambda authorizer for the product's other APIs: their routes are protected by Latchhook keys.

It answers HTTP APIs (a simple response, or a policy for payload 1.0) and REST APIs (TOKEN and REQUEST: a policy).
docs/protect-your-api.md shows how an API names it, what it then passes on, and why its answers must not be cached.
"""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.api_keys.verification import UseRequest
from latchhook.edge.authorizer import read_call, response
from latchhook.permissions.requirements import all_of

verifier = bootstrap.hot_key_verifier()
catalogue = bootstrap.catalogue()
configured_scopes = bootstrap.settings().authorizer_scopes


def handler(event: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Allows or denies one call. An outage of ours raises: API Gateway answers 500, never "denied"."""
    call = read_call(event, configured_scopes)
    use_request = UseRequest(all_of(call.required_scopes), ip_address=call.ip_address)
    return response(call, verifier.verify(call.key_text, use_request, now=bootstrap.clock()), catalogue)
