"""GET /permission-profiles/{id}: one profile of the account (document 003)."""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.profiles import PermissionProfileResponse, profile_response
from latchhook.permissions.errors import ProfileNotFoundError

profiles = bootstrap.profiles()


@bootstrap.endpoint(Description(scope="api-keys:read", response=PermissionProfileResponse, problems=(404,)))
def handler(request: Request[None]) -> Response:
    """Get a permission profile."""
    return ok(profile_response(profiles.get(request.account_id, request.path_id(ProfileNotFoundError))))
