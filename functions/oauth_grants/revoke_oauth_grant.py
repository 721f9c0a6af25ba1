"""DELETE /oauth-grants/{id}: revoke a grant with all its tokens."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.environment import rng
from latchhook.bootstrap.oauth import oauth_grants_table
from latchhook.edge.endpoint import NO_CONTENT, Description, Response
from latchhook.edge.request import Request
from latchhook.oauth.errors import OAuthGrantNotFoundError
from latchhook.oauth.grant_access import WRITE, revoke

grants = oauth_grants_table()


@endpoint(
    Description(
        summary="Revoke an OAuth grant",
        description=(
            "Revokes a grant. Its tokens are refused on the next request. Users revoke their own grants, and callers "
            f"with the scope `{WRITE}` those of all users of the account."
        ),
        scope=None,
        response=None,
        status=204,
        problems=(404,),
        rate="write",
    )
)
def handler(request: Request[None]) -> Response:
    """Revoke an OAuth grant."""
    revoke(grants, request.path_id(OAuthGrantNotFoundError), request.origin, rng=rng())
    return NO_CONTENT
