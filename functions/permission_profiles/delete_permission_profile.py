"""DELETE /permission-profiles/{id}: delete a profile that no key has; one in use is a conflict (document 003)."""

from latchhook import bootstrap
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request
from latchhook.permissions.errors import ProfileNotFoundError

editor = bootstrap.profile_editor()


@bootstrap.endpoint(Description(scope="api-keys:write", response=None, status=204, problems=(404, 409), rate="write"))
def handler(request: Request[None]) -> Response:
    """Delete a permission profile."""
    editor.delete(request.path_id(ProfileNotFoundError), request.origin)
    return NO_CONTENT
