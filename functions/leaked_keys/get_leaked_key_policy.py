"""GET /leaked-key-policy: return the account's policy for leaked keys."""

from latchhook.api_keys.leaks import DEFAULT_ACTION
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.leaked_keys import leaked_key_policies
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.leaked_keys import LeakedKeyPolicyResponse

policies = leaked_key_policies()


@endpoint(
    Description(
        summary="Get the policy for leaked keys",
        description=(
            "Returns the action that Latchhook takes when an API key of the account is found in public. The default "
            "is `disable`."
        ),
        scope="api-keys:read",
        response=LeakedKeyPolicyResponse,
    )
)
def handler(request: Request[None]) -> Response:
    """Get the policy for leaked keys."""
    policy: LeakedKeyPolicyResponse = {"action": policies.chosen(request.account_id) or DEFAULT_ACTION}
    return ok(policy)
