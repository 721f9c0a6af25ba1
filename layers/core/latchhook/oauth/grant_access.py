"""Access to grants: users see and revoke their own, admins those of the account."""

from random import Random
from typing import Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin
from latchhook.identity.caller import Caller, missing_scope
from latchhook.oauth.consent import grant_entry
from latchhook.oauth.errors import OAuthGrantNotFoundError
from latchhook.oauth.grant import Grant

READ, WRITE = "oauth-clients:read", "oauth-clients:write"


class Grants(Protocol):
    """Stored grants."""

    def get(self, account_id: str, grant_id: UUID) -> Grant:
        """Read one grant of a user in the account. Raises `OAuthGrantNotFoundError`."""

    def revoke(self, grant: Grant, entry: AuditEntry) -> None:
        """Revoke a grant, in one transaction with the audit entry."""


def user_of(caller: Caller, wanted: str | None) -> str | None:
    """Return the user whose grants the caller may list. None for those of all users.

    Raises `ForbiddenError` for a caller that is no user and lacks `oauth-clients:read`.
    """
    if caller.may(READ):
        return wanted
    if caller.kind != "user" or wanted not in (None, caller.actor_id):
        raise missing_scope(READ, by=caller)
    return caller.actor_id


def revoke(grants: Grants, grant_id: UUID, origin: Origin, *, rng: Random) -> None:
    """Revoke a grant. Raises `OAuthGrantNotFoundError`, also for a grant that the caller may not revoke."""
    caller = origin.caller
    grant = grants.get(caller.account_id, grant_id)
    is_own = caller.kind == "user" and grant.user_id == caller.actor_id
    if not is_own and not caller.may(WRITE):
        raise OAuthGrantNotFoundError
    grants.revoke(grant, grant_entry(grant, origin, "oauth_grant.revoked", rng=rng))
