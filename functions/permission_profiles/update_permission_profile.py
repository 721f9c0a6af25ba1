"""PATCH /permission-profiles/{id}: change a permission profile."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.permissions import profile_editor
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.profiles import PermissionProfileResponse, profile_response
from latchhook.edge.schemas.profiles import UpdateProfileBody
from latchhook.permissions.errors import ProfileNotFoundError

editor = profile_editor()


@endpoint(
    Description(
        summary="Update a permission profile",
        description=(
            "Changes the fields that the JSON merge patch (RFC 7396) contains; a list is replaced as a whole. The "
            "change applies to the next request of each key with the profile. The caller must have every action that "
            "the new rules allow, and every action that they no longer deny."
        ),
        scope="api-keys:write",
        body=UpdateProfileBody,
        response=PermissionProfileResponse,
        problems=(404, "scope_beyond_creator"),
        rate="write",
    )
)
def handler(request: Request[UpdateProfileBody]) -> Response:
    """Update a permission profile."""
    profile_id = request.path_id(ProfileNotFoundError)
    return ok(profile_response(editor.change(profile_id, request.body.applied_to, request.origin)))
