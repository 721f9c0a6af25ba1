"""GET /permission-profiles: list the account's permission profiles."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.permissions import profiles_table
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.profiles import PermissionProfileListResponse, profile_response

LIST = "permission-profiles"

profiles = profiles_table()


@endpoint(
    Description(
        summary="List permission profiles",
        description=(
            "Returns the account's permission profiles, newest first, and the number of keys of each profile."
        ),
        scope="api-keys:read",
        response=PermissionProfileListResponse,
        paged=True,
    )
)
def handler(request: Request[None]) -> Response:
    """List permission profiles."""
    limit, after = request.page(LIST, default_limit=50)
    page = profiles.page(request.account_id, limit=limit, after=after)
    response: PermissionProfileListResponse = {
        "data": [profile_response(profile) for profile in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(response)
