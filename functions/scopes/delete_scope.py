"""DELETE /scopes/{name}: delete the stored entry of a scope."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.scopes import scope_editor
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request
from latchhook.permissions.errors import ScopeNotFoundError
from latchhook.permissions.scopes import is_scope

editor = scope_editor()


@endpoint(
    Description(
        summary="Delete a scope",
        description=(
            "Deletes a scope that was added to the catalogue. After 60 seconds no key and no profile can get it. Keys "
            "and profiles that have it keep it. A scope of the stack's parameter `Scopes` stays in the catalogue and "
            "loses its description."
        ),
        scope="scopes:write",
        response=None,
        status=204,
        problems=(404, "built_in_scope"),
        account_wide=False,
    )
)
def handler(request: Request[None]) -> Response:
    """Delete the stored entry of a scope."""
    name = request.path_text("name")
    if not is_scope(name):
        raise ScopeNotFoundError
    editor.delete(name, request.origin)
    return NO_CONTENT
