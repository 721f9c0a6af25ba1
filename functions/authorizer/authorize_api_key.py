"""A Lambda authorizer for the product's other APIs: their routes are protected by Latchhook keys.

It answers HTTP APIs (payload 2.0, simple response) and REST APIs (REQUEST and TOKEN: an IAM policy for the method asked
for). It is meant to be asked every time: with result caching a revoked key holds as long as the cache. HTTP APIs cache
only when told to; REST APIs for 300 seconds unless `AuthorizerResultTtlInSeconds` is 0, and a cached policy denies that
key every method but the one that was asked for.
"""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.api_keys.verification import verify
from latchhook.edge.authorizer import read_call, response

checks = bootstrap.key_checks()
prefix = bootstrap.settings().api_key_prefix


def handler(event: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:  # noqa: ARG001
    """Allows or denies one call. An outage of ours raises: API Gateway answers 500, never "denied"."""
    call = read_call(event)
    verdict = verify(call.key_text, prefix=prefix, required_scopes=(), now=bootstrap.clock(), checks=checks)
    return response(call, verdict)
