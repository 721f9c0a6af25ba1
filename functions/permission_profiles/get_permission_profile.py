"""GET /permission-profiles/{id}: one profile of the account (document 003)."""

from latchhook import bootstrap
from latchhook.edge.answers.profiles import PermissionProfileAnswer, profile_answer
from latchhook.edge.endpoint import Answer, Description, ok
from latchhook.edge.request import Request
from latchhook.permissions.errors import ProfileNotFoundError

profiles = bootstrap.profiles()


@bootstrap.endpoint(Description(scope="api-keys:read", answer=PermissionProfileAnswer, problems=(404,)))
def handler(request: Request[None]) -> Answer:
    """Get a permission profile."""
    return ok(profile_answer(profiles.get(request.account_id, request.path_id(ProfileNotFoundError))))
