"""Response bodies about the consent of users."""

from typing import TypedDict

from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.oauth.client import OAuthClient
from latchhook.oauth.consent import ConsentScreen
from latchhook.oauth.grant import Grant
from latchhook.oauth.redirect_uri import host_of


class AskingClientResponse(TypedDict):
    """The client that asks for rights."""

    id: Uuid
    name: str
    clientUri: str | None
    policyUri: str | None
    isOperators: bool
    """Whether the platform itself registered the client. Otherwise an admin of the account did."""
    redirectHost: str
    """The host or the scheme to which the user returns."""


class ConsentScreenResponse(TypedDict):
    """An authorization request for the user, or the redirect that reports its error to the client."""

    client: AskingClientResponse | None
    scopes: list[str]
    """The requested rights that the user has. Only these can be granted."""
    endsAt: Moment | None
    """The end of the grant, if the user allows it now."""
    isRemembered: bool
    """Whether the user has allowed the same before, so that the console need not ask."""
    redirectTo: str | None
    """The address for an error that only the client can handle. Null if the user can decide."""


class ConsentResponse(TypedDict):
    """The decision of the user."""

    redirectTo: str
    """The address of the client, with the code or the error."""


class OAuthGrantResponse(TypedDict):
    """The consent of a user to a client, while its tokens are valid."""

    id: Uuid
    userId: str
    clientId: Uuid
    clientName: str
    """The name of the client at the consent."""
    scopes: list[str]
    resource: str | None
    redirectHost: str
    createdAt: Moment
    expiresAt: Moment | None
    lastUsedAt: Moment | None


class OAuthGrantListResponse(TypedDict):
    """A page of grants."""

    data: list[OAuthGrantResponse]
    nextCursor: str | None


def consent_screen_response(screen: ConsentScreen) -> ConsentScreenResponse:
    """Return the response body for a user who can decide."""
    request = screen.request
    return {
        "client": _asking(request.client, request.redirect_uri, is_operators=screen.is_operators),
        "scopes": list(screen.scopes),
        "endsAt": rfc3339(screen.ends_at),
        "isRemembered": screen.is_remembered,
        "redirectTo": None,
    }


def error_screen_response(redirect_to: str) -> ConsentScreenResponse:
    """Return the response body for an error that only the client can handle."""
    return {"client": None, "scopes": [], "endsAt": None, "isRemembered": False, "redirectTo": redirect_to}


def grant_response(grant: Grant) -> OAuthGrantResponse:
    """Return the response body of a grant."""
    return {
        "id": str(grant.id),
        "userId": grant.user_id or "",
        "clientId": str(grant.client_id),
        "clientName": grant.client_name,
        "scopes": list(grant.scopes),
        "resource": grant.resource,
        "redirectHost": host_of(grant.redirect_uri),
        "createdAt": rfc3339(grant.created_at),
        "expiresAt": rfc3339_or_none(grant.expires_at),
        "lastUsedAt": rfc3339_or_none(grant.last_used_at),
    }


def _asking(client: OAuthClient, redirect_uri: str, *, is_operators: bool) -> AskingClientResponse:
    return {
        "id": str(client.id),
        "name": client.settings.name,
        "clientUri": client.settings.client_uri,
        "policyUri": client.settings.policy_uri,
        "isOperators": is_operators,
        "redirectHost": host_of(redirect_uri),
    }
