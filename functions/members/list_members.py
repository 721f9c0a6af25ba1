"""GET /members: list the account's members."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.members import members_table
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.members import MemberListResponse, listed_member_response

LIST = "members"

members = members_table()


@endpoint(
    Description(
        summary="List members",
        description=(
            "Returns the stored members of the account in the order of their user ids. Users whose rights come only "
            "from their session's claims are not listed. Only admins and the operator can call this."
        ),
        scope="account-members:read",
        response=MemberListResponse,
        paged=True,
    )
)
def handler(request: Request[None]) -> Response:
    """List members."""
    limit, after = request.page(LIST, default_limit=50)
    page = members.page(request.account_id, limit=limit, after=after)
    response: MemberListResponse = {
        "data": [listed_member_response(member) for member in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(response)
