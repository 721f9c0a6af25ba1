"""GET /permission-profiles/{id}: return one permission profile."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.permissions import profiles_table
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.profiles import PermissionProfileResponse, profile_response
from latchhook.permissions.errors import ProfileNotFoundError

profiles = profiles_table()


@endpoint(
    Description(
        summary="Get a permission profile",
        description="Returns one permission profile of the account and the number of its keys.",
        scope="api-keys:read",
        response=PermissionProfileResponse,
        problems=(404,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get a permission profile."""
    return ok(profile_response(profiles.get(request.account_id, request.path_id(ProfileNotFoundError))))
