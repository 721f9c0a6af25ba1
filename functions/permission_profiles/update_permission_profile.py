"""PATCH /permission-profiles/{id}: change a profile by a JSON merge patch; its keys feel it at their next request.

Who changes rules must hold all that the new ones allow, and all that they no longer deny (document 003).
"""

from latchhook import bootstrap
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.profiles import PermissionProfileResponse, profile_response
from latchhook.edge.schemas.profiles import UpdateProfileBody
from latchhook.permissions.errors import ProfileNotFoundError

editor = bootstrap.profile_editor()


@bootstrap.endpoint(
    Description(
        scope="api-keys:write",
        body=UpdateProfileBody,
        response=PermissionProfileResponse,
        problems=(404,),
        rate="write",
    )
)
def handler(request: Request[UpdateProfileBody]) -> Response:
    """Update a permission profile."""
    profile_id = request.path_id(ProfileNotFoundError)
    return ok(profile_response(editor.change(profile_id, request.body.applied_to, request.origin)))
