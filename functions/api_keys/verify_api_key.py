"""POST /api-keys/verify, or a direct invocation with the same body: verify an API key.

A verification makes one AWS call, or none if the text cannot be a key. IAM permits a direct invocation
(`lambda:InvokeFunction`), which returns only the verdict.
"""

from collections.abc import Mapping
from typing import Any

from latchhook.bootstrap import environment
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.hot_keys import hot_key_verifier
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.verdicts import VerdictResponse, verdict_response
from latchhook.edge.verify_body import VerifyRequest, read_verify_body

verifier = hot_key_verifier()
catalogue = environment.catalogue()


def response(body: VerifyRequest) -> VerdictResponse:
    """Verify the key and return the response body."""
    now = environment.clock()
    return verdict_response(verifier.verify(body.key, body.use_request, now=now), catalogue, now)


@endpoint(
    Description(
        summary="Verify an API key",
        description=(
            "Verifies a key text of any account. An accepted verification records one use, which spends credits and "
            "rate. The response for a refused key is also 200, with `valid` false and the reason as `code`."
        ),
        scope="api-keys:verify",
        body=read_verify_body,
        body_schema="latchhook.edge.schemas.key_verification:VerifyKeyBody",
        response=VerdictResponse,
        account_wide=False,
    )
)
def verify_api_key(request: Request[VerifyRequest]) -> Response:
    """Verify an API key."""
    return ok(response(request.body))


def handler(event: Mapping[str, Any], context: Any = None) -> Mapping[str, Any]:
    """Respond to API Gateway or to a direct invocation."""
    if "requestContext" in event:
        return verify_api_key(event, context)
    return response(read_verify_body(event))
