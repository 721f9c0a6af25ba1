"""GET /me: return the caller, its accounts and its rights."""

from latchhook.bootstrap import environment
from latchhook.bootstrap.endpoints import endpoint
from latchhook.bootstrap.members import members_table
from latchhook.edge.endpoint import Description, Response, ok
from latchhook.edge.request import Request
from latchhook.edge.responses.members import MeResponse, me_response
from latchhook.identity.caller import is_user_id
from latchhook.permissions.roles import ROLES

catalogue = environment.catalogue()
members = members_table()


@endpoint(
    Description(
        summary="Get the caller",
        description=(
            "Returns the caller, the account of the request, the accounts that X-Account-Id may name, and the scopes "
            "that the caller has. A stored membership has priority over the claims of the session."
        ),
        scope=None,
        response=MeResponse,
    )
)
def handler(request: Request[None]) -> Response:
    """Get the caller."""
    identity = request.caller.identity
    member = members.find(identity.account_id, identity.user_id) if identity and is_user_id(identity.user_id) else None
    clients = identity.client_account_ids if identity and ROLES[identity.role].manages_clients else ()
    if member is not None and request.caller.portal_session_id is None:
        clients = tuple(members.client_accounts(member))
    return ok(
        me_response(
            request.caller,
            request.key,
            member,
            clients,
            request.caller.grants.listed(catalogue),
        )
    )
