"""PUT /members/{userId}: add or replace a member."""

from urllib.parse import quote

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.members import member_editor
from latchhook.edge.endpoint import Description, Response
from latchhook.edge.errors import FieldError, InvalidFieldsError
from latchhook.edge.request import Request
from latchhook.edge.responses.members import MemberResponse, member_response
from latchhook.edge.schemas.members import PutMemberBody
from latchhook.identity.caller import USER_ID_RULE, is_user_id

editor = member_editor()


@endpoint(
    Description(
        summary="Add or replace a member",
        description=(
            "Adds a user to the account (201) or replaces a member's settings (200). The stored role has priority over "
            "the claims of the user's session, from the next request on. A caller can give only its own rights, only "
            "the operator can add client accounts, and an admin cannot demote the last stored admin. An account can "
            "have 10,000 members."
        ),
        scope="account-members:write",
        body=PutMemberBody,
        response=MemberResponse,
        may_create=True,
        problems=("role_beyond_caller", "clients_beyond_caller", "last_admin", "too_many_members"),
        rate="write",
    )
)
def handler(request: Request[PutMemberBody]) -> Response:
    """Add or replace a member."""
    user_id = request.path_text("userId")
    if not is_user_id(user_id):
        raise InvalidFieldsError([FieldError("{userId}", USER_ID_RULE)])
    done = editor.put(user_id, request.body.settings(), request.origin)
    response = member_response(done.member, done.client_account_ids)
    return Response(201, response, {"location": quote(user_id, safe="")}) if done.is_new else Response(200, response)
