"""PUT /leaked-key-policy: what shall be done about a key of the account that is found in public."""

from latchhook import bootstrap
from latchhook.audit import new_entry
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.leaked_keys import LeakedKeyPolicyResponse
from latchhook.edge.schemas.leaked_keys import LeakedKeyPolicyBody

policies = bootstrap.leaked_key_policies()


@bootstrap.endpoint(
    Description(scope="api-keys:write", body=LeakedKeyPolicyBody, response=LeakedKeyPolicyResponse, rate="write")
)
def handler(request: Request[LeakedKeyPolicyBody]) -> Response:
    """Set the policy for leaked keys."""
    policy: LeakedKeyPolicyResponse = {"action": request.body.action}
    entry = new_entry(
        request.origin, "leaked_key_policy.updated", request.account_id, rng=bootstrap.rng(), details=policy
    )
    policies.choose(request.account_id, request.body.action, entry)
    return ok(policy)
