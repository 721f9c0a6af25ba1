"""DELETE /members/{userId}: remove a member."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.members import member_editor
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request
from latchhook.identity.caller import is_user_id
from latchhook.members.errors import MemberNotFoundError

editor = member_editor()


@endpoint(
    Description(
        summary="Remove a member",
        description=(
            "Removes a user from the account, from the user's next request on. Afterwards the claims of the user's "
            "session count again, unless the deployment requires a membership. To refuse a user in any case, set the "
            "role none instead. An admin cannot remove the last stored admin."
        ),
        scope="account-members:write",
        response=None,
        status=204,
        problems=(404, "role_beyond_caller", "last_admin"),
        rate="write",
    )
)
def handler(request: Request[None]) -> Response:
    """Remove a member."""
    user_id = request.path_text("userId")
    if not is_user_id(user_id):
        raise MemberNotFoundError
    editor.remove(user_id, request.origin)
    return NO_CONTENT
