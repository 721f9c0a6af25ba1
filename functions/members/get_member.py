"""GET /members/{userId}: return one member."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.members import members_table
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.members import MemberResponse, member_response
from latchhook.identity.caller import is_user_id
from latchhook.members.errors import MemberNotFoundError

members = members_table()


@endpoint(
    Description(
        summary="Get a member",
        description="Returns one stored member of the account with its client accounts.",
        scope="account-members:read",
        response=MemberResponse,
        problems=(404,),
    )
)
def handler(request: Request[None]) -> Response:
    """Get a member."""
    user_id = request.path_text("userId")
    if not is_user_id(user_id):
        raise MemberNotFoundError
    member = members.get(request.account_id, user_id)
    return ok(member_response(member, members.client_accounts(member)))
