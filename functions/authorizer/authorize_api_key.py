"""Lambda authorizer: protect the routes of the product's other APIs with API keys.

It returns a simple response or a policy (payload 1.0) to HTTP APIs, and a policy to REST APIs (TOKEN and REQUEST).
docs/integrate/protect-your-api.md explains its configuration and its context, and why its responses must not be cached.
"""

from collections.abc import Mapping
from typing import Any

from latchhook.api_keys.verification import UseRequest
from latchhook.bootstrap import environment
from latchhook.bootstrap.hot_keys import hot_key_verifier
from latchhook.edge.authorizer import read_call, response
from latchhook.permissions.requirements import all_of

verifier = hot_key_verifier()
catalogue = environment.catalogue()
configured_scopes = environment.settings().authorizer_scopes


def handler(event: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Allow or deny a call. A dependency error is raised, so that API Gateway responds with 500 and not with 403."""
    call = read_call(event, configured_scopes)
    use_request = UseRequest(all_of(call.required_scopes), ip_address=call.ip_address, audience=call.audience)
    return response(call, verifier.verify(call.key_text, use_request, now=environment.clock()), catalogue)
