"""GET /leaked-key-policy: what is done about a key of the account that was found in public."""

from latchhook import bootstrap
from latchhook.api_keys.leaks import DEFAULT_ACTION
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.leaked_keys import LeakedKeyPolicyResponse

policies = bootstrap.leaked_key_policies()


@bootstrap.endpoint(Description(scope="api-keys:read", response=LeakedKeyPolicyResponse))
def handler(request: Request[None]) -> Response:
    """Get the policy for leaked keys."""
    policy: LeakedKeyPolicyResponse = {"action": policies.chosen(request.account_id) or DEFAULT_ACTION}
    return ok(policy)
