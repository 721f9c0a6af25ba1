"""POST /api-keys/verify, or a direct invocation with the same body: is this key good, and what may it do?

One AWS call for a key that could be one, none for a text that could not. A direct invocation is let in by IAM
(`lambda:InvokeFunction`) and answers the verdict alone.
"""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.verdicts import VerdictResponse, verdict_response
from latchhook.edge.verify_body import VerifyRequest, read_verify_body

verifier = bootstrap.hot_key_verifier()
catalogue = bootstrap.catalogue()


def response(body: VerifyRequest) -> VerdictResponse:
    """The verdict on one key."""
    now = bootstrap.clock()
    return verdict_response(verifier.verify(body.key, body.use_request, now=now), catalogue, now)


@bootstrap.endpoint(
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
    """Answers API Gateway, or whoever invokes the function itself."""
    if "requestContext" in event:
        return verify_api_key(event, context)
    return response(read_verify_body(event))
