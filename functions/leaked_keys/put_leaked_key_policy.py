"""PUT /leaked-key-policy: set the account's policy for leaked keys."""

from latchhook.audit import new_entry
from latchhook.bootstrap import environment
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.leaked_keys import leaked_key_policies
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.leaked_keys import LeakedKeyPolicyResponse
from latchhook.edge.schemas.leaked_keys import LeakedKeyPolicyBody

policies = leaked_key_policies()


@endpoint(
    Description(
        summary="Set the policy for leaked keys",
        description=(
            "Sets the action that Latchhook takes when an API key of the account is found in public. Each action "
            "publishes the event `api_key.exposed`."
        ),
        scope="api-keys:write",
        body=LeakedKeyPolicyBody,
        response=LeakedKeyPolicyResponse,
        rate="write",
    )
)
def handler(request: Request[LeakedKeyPolicyBody]) -> Response:
    """Set the policy for leaked keys."""
    policy: LeakedKeyPolicyResponse = {"action": request.body.action}
    entry = new_entry(
        request.origin, "leaked_key_policy.updated", request.account_id, rng=environment.rng(), details=policy
    )
    policies.choose(request.account_id, request.body.action, entry)
    return ok(policy)
