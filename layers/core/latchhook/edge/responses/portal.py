"""Response bodies with portal sessions. `url` and `token` contain secrets."""

from typing import TypedDict

from latchhook.clock import rfc3339
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.members.portal_session import PortalRole, PortalSession, Tab


class PortalSessionResponse(TypedDict):
    """A portal session without its secrets."""

    id: Uuid
    accountId: str
    userId: str
    role: PortalRole | None
    profileId: Uuid | None
    tabs: list[Tab] | None
    """The tabs that the console shows; null for all that the rights allow."""
    returnUrl: str | None
    createdAt: Moment
    expiresAt: Moment


class CreatedPortalSessionResponse(PortalSessionResponse):
    """A new portal session."""

    url: str | None
    """The address of the console. It works once, within 60 seconds. Null in the response to a repeated request."""


class ExchangedPortalSessionResponse(TypedDict):
    """An opened portal session."""

    token: str
    """The session token, which only this response contains."""
    sessionId: Uuid
    accountId: str
    userId: str
    tabs: list[Tab] | None
    returnUrl: str | None
    expiresAt: Moment


def portal_session_response(session: PortalSession) -> PortalSessionResponse:
    """Return the response body of a session."""
    return {
        "id": str(session.id),
        "accountId": session.account_id,
        "userId": session.user_id,
        "role": session.role,
        "profileId": None if session.profile_id is None else str(session.profile_id),
        "tabs": None if session.tabs is None else list(session.tabs),
        "returnUrl": session.return_url,
        "createdAt": rfc3339(session.created_at),
        "expiresAt": rfc3339(session.expires_at),
    }


def exchanged_response(session: PortalSession, token: str) -> ExchangedPortalSessionResponse:
    """Return the response body of an exchanged code."""
    return {
        "token": token,
        "sessionId": str(session.id),
        "accountId": session.account_id,
        "userId": session.user_id,
        "tabs": None if session.tabs is None else list(session.tabs),
        "returnUrl": session.return_url,
        "expiresAt": rfc3339(session.expires_at),
    }
