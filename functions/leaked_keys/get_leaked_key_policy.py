"""GET /leaked-key-policy: what is done about a key of the account that was found in public."""

from latchhook import bootstrap
from latchhook.api_keys.leaks import DEFAULT_ACTION
from latchhook.edge.answers.leaked_keys import LeakedKeyPolicyAnswer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request

policies = bootstrap.leaked_key_policies()


@bootstrap.endpoint(Description(scope="api-keys:read", answer=LeakedKeyPolicyAnswer))
def handler(request: Request[None]) -> Answer:
    """Get the policy for leaked keys."""
    policy: LeakedKeyPolicyAnswer = {"action": policies.chosen(request.account_id) or DEFAULT_ACTION}
    return ok(policy)
