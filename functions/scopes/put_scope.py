"""PUT /scopes/{name}: add or describe a scope of the catalogue."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.scopes import scope_editor, scope_list
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.request import Request
from latchhook.edge.responses.scopes import ScopeResponse, scope_response
from latchhook.edge.schemas.scopes import PutScopeBody
from latchhook.permissions.scopes import MAX_SCOPE_LENGTH, is_scope

editor = scope_editor()
scopes = scope_list()


@endpoint(
    Description(
        summary="Add or describe a scope",
        description=(
            "Adds a scope to the catalogue, or describes a scope of the stack's parameter `Scopes` (201). Replaces the "
            "description and group of a stored entry (200). API keys can have the scope immediately. Latchhook's own "
            "scopes and operator scopes cannot be described. A deployment can store 500 entries."
        ),
        scope="scopes:write",
        body=PutScopeBody,
        response=ScopeResponse,
        may_create=True,
        problems=("built_in_scope", "too_many_scopes"),
        account_wide=False,
    )
)
def handler(request: Request[PutScopeBody]) -> Response:
    """Add or describe a scope."""
    name = request.path_text("name")
    if not is_scope(name) or len(name) > MAX_SCOPE_LENGTH:
        what = f"Must be two to four lowercase words separated by colons, at most {MAX_SCOPE_LENGTH} characters long."
        raise InvalidFieldsError([FieldError("{name}", what)])
    body = request.body
    stored, is_new = editor.put(name, description=body.description, group=body.group, origin=request.origin)
    response = scope_response(scopes.shown(stored))
    # Without `./`, the part before the colon would be read as a URL scheme (RFC 3986, 4.2).
    return Response(201, response, {"location": f"./{name}"}) if is_new else Response(200, response)
