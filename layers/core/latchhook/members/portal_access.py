"""The rights of a portal session at the moment of a request."""

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Protocol

from latchhook.identity.caller import Caller, portal_user
from latchhook.identity.errors import UnauthenticatedError
from latchhook.identity.identity import Identity
from latchhook.members.access import StoredMembership, profile_grants
from latchhook.members.member import Member
from latchhook.members.portal_session import PortalSession, PortalToken, read_token
from latchhook.permissions.grants import NO_GRANTS, Grants
from latchhook.permissions.profiles import Profile
from latchhook.permissions.roles import rights_of

_ENDED = UnauthenticatedError("invalid_token", "The portal session has ended. Open the console again from the product.")


@dataclass(frozen=True, slots=True)
class StoredPortalSession:
    """A session with what decides about its rights."""

    session: PortalSession
    token_hash: bytes | None
    """The hash of the token; None before the exchange."""
    membership: StoredMembership
    profile: Profile | None
    """The profile of the session."""


class PortalSessions(Protocol):
    """Stored portal sessions."""

    def read(self, token: PortalToken) -> StoredPortalSession | None:
        """Read a session, its user's membership and their profiles with one call, strongly consistent."""


@dataclass(frozen=True, slots=True)
class PortalAccess:
    """Authenticates portal sessions."""

    sessions: PortalSessions

    def caller(self, text: str, *, wanted_account_id: str | None, now: datetime) -> Caller:
        """Return the caller with this token. Costs one call, or none for a text that cannot be a token.

        Raises `UnauthenticatedError` for an invalid token, an ended session and a removed member, and the errors of
        `portal_user`.
        """
        token = read_token(text)
        found = None if token is None else self.sessions.read(token)
        if token is None or found is None or found.token_hash is None:
            raise _ENDED
        session = found.session
        same = (session.account_id, session.user_id, session.profile_id) == (
            token.account_id, token.user_id, token.profile_id,
        )  # fmt: skip
        if not compare_digest(found.token_hash, token.hash) or not same or session.expires_at <= now:
            raise _ENDED
        member = found.membership.in_account
        if (member is None and session.needs_member) or (member is not None and member.role == "none"):
            raise _ENDED
        identity = Identity(
            session.user_id,
            session.account_id,
            session.role or (member.role if member and session.profile_id is None else "member"),
            name=member.name if member else None,
        )
        grants = _grants(session, found, member)
        return portal_user(identity, grants, session_id=str(session.id), wanted_account_id=wanted_account_id)


def _grants(session: PortalSession, found: StoredPortalSession, member: Member | None) -> Grants:
    """The rights that the operator chose, and for a member never more than the member's current rights."""
    chosen: Grants | None
    if session.profile_id is not None:
        chosen = NO_GRANTS if found.profile is None else found.profile.grants_for(())
    else:
        chosen = None if session.role is None else rights_of(session.role, in_operator_account=False)
    if member is None:
        return chosen or NO_GRANTS
    profile = profile_grants(member, found.membership.profile)
    current = NO_GRANTS if profile is None else rights_of(member.role, profile, in_operator_account=False)
    return current if chosen is None else chosen.within(current)
