"""DELETE /permission-profiles/{id}: delete a permission profile."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.permissions import profile_editor
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request
from latchhook.permissions.errors import ProfileNotFoundError

editor = profile_editor()


@endpoint(
    Description(
        summary="Delete a permission profile",
        description="Deletes a profile that no key uses. A profile in use stays, and the response is 409.",
        scope="api-keys:write",
        response=None,
        status=204,
        problems=(404, "profile_in_use"),
        rate="write",
    )
)
def handler(request: Request[None]) -> Response:
    """Delete a permission profile."""
    editor.delete(request.path_id(ProfileNotFoundError), request.origin)
    return NO_CONTENT
