"""GET /oauth-grants: list the apps to which users of the account gave rights."""

from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.oauth import oauth_grants_table
from latchhook.edge import cursors
from latchhook.edge.endpoint import Description, QueryParameter, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.oauth_consents import OAuthGrantListResponse, grant_response
from latchhook.oauth.grant_access import READ, user_of

LIST = "oauth-grants"

grants = oauth_grants_table()


@endpoint(
    Description(
        summary="List OAuth grants",
        description=(
            f"Returns the grants whose tokens are valid. A caller with the scope `{READ}` sees the grants of all users "
            "of the account, or of one user with `userId`. Other users see their own, newest first. A page can be "
            "short without being the last."
        ),
        scope=None,
        response=OAuthGrantListResponse,
        paged=True,
        query=(
            QueryParameter("userId", "Return only the grants of this user.", "auth0|64f0c2a1"),
            QueryParameter(
                "clientId", "Return only the grants of this client.", "5b0c7f0e-3c1d-4e57-9a52-8f1f6f0a9d21"
            ),
        ),
        problems=("insufficient_scope",),
    )
)
def handler(request: Request[None]) -> Response:
    """List OAuth grants."""
    limit, after = request.page(LIST, default_limit=50)
    user_id = user_of(request.caller, request.query("userId"))
    client_id, now = request.query("clientId"), request.now
    if user_id is not None:
        page = grants.page_of_user(request.account_id, user_id, client_id=client_id, limit=limit, after=after, now=now)
    else:
        page = grants.page(request.account_id, client_id=client_id, limit=limit, after=after, now=now)
    response: OAuthGrantListResponse = {
        "data": [grant_response(grant) for grant in page.items],
        "nextCursor": cursors.encode(page.after, request.account_id, LIST),
    }
    return ok(response)
