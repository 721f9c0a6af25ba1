"""The consent of a user: what a client asks for, and the grant that the user gives."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import NoReturn, Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.identity.caller import Caller, is_user_id
from latchhook.members.member import Member
from latchhook.oauth.client import OAuthClient, read_client_id
from latchhook.oauth.errors import (
    ConsentNotPossibleError,
    OAuthError,
    TooManyOAuthGrantsError,
    UnknownClientError,
)
from latchhook.oauth.grant import CODE_LASTS, CODE_PREFIX, MAX_GRANTS_PER_USER, Grant
from latchhook.oauth.protocol import (
    AuthorizationRequest,
    Parameters,
    check_request,
    client_id_in,
    error_redirect,
    redirect_uri_of,
)
from latchhook.permissions.grants import Grants
from latchhook.permissions.scopes import is_wildcard


class ConsentClients(Protocol):
    """Stored clients."""

    def find(self, client_id: UUID) -> OAuthClient | None:
        """Read a client of any account, strongly consistent. None if it does not exist."""


class ConsentMembers(Protocol):
    """Members of accounts."""

    def find(self, account_id: str, user_id: str) -> Member | None:
        """Read one member, strongly consistent. None if it does not exist."""


class ConsentGrants(Protocol):
    """Stored grants."""

    def add(self, grant: Grant, entry: AuditEntry) -> None:
        """Store a new grant with its code, in one transaction with the audit entry."""

    def of_user(self, account_id: str, user_id: str, *, now: datetime) -> Sequence[Grant]:
        """Return the user's grants with tokens, strongly consistent. A user has at most 100."""


@dataclass(frozen=True, slots=True)
class ConsentScreen:
    """The contents of the consent page."""

    request: AuthorizationRequest
    scopes: tuple[str, ...]
    """The requested rights that the user has. Only these can be granted."""
    ends_at: datetime
    is_operators: bool
    """Whether the client belongs to the operator and not to the account."""
    is_remembered: bool
    """Whether the user has consented to the same scopes for this client and redirect URI before."""


@dataclass(frozen=True, slots=True)
class Consented:
    """A new grant with its code."""

    grant: Grant
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RequestReader:
    """Reads authorization requests."""

    clients: ConsentClients

    def client_of(self, parameters: Parameters) -> OAuthClient:
        """Return the active client of a request. Raises `UnknownClientError`."""
        client_id = read_client_id(client_id_in(parameters))
        client = None if client_id is None else self.clients.find(client_id)
        if client is None or not client.is_active:
            raise UnknownClientError
        return client

    def read(self, parameters: Parameters) -> AuthorizationRequest:
        """Return the checked request. Raises `UnknownClientError` and `OAuthError`."""
        client = self.client_of(parameters)
        return check_request(parameters, client, redirect_uri_of(parameters, client))


@dataclass(frozen=True, slots=True)
class ConsentDesk:
    """Shows requests to users and stores their consent."""

    reader: RequestReader
    members: ConsentMembers
    grants: ConsentGrants
    operator_account_id: str
    rng: Random

    def screen(self, parameters: Parameters, caller: Caller, *, now: datetime) -> ConsentScreen:
        """Return what the user decides about.

        Raises `UnknownClientError`, also for a client of another account, `OAuthError`, and `ConsentNotPossibleError`
        for a user without a stored membership, whose rights a token could not follow.
        """
        request = self.reader.read(parameters)
        client = request.client
        is_operators = bool(self.operator_account_id) and client.account_id == self.operator_account_id
        if client.account_id != caller.account_id and not is_operators:
            raise UnknownClientError
        member = self.members.find(caller.account_id, caller.actor_id) if is_user_id(caller.actor_id) else None
        is_user = caller.kind == "user" and caller.portal_session_id is None
        if not is_user or member is None or member.role == "none":
            raise ConsentNotPossibleError
        scopes = grantable(request.scopes, caller.grants)
        grants = self.grants.of_user(caller.account_id, caller.actor_id, now=now)
        if len(grants) >= MAX_GRANTS_PER_USER:
            raise TooManyOAuthGrantsError
        return ConsentScreen(
            request,
            scopes,
            now + lifetime(client),
            is_operators,
            not request.needs_consent and _is_remembered(request, scopes, grants),
        )

    def deny(self, parameters: Parameters, caller: Caller, *, now: datetime) -> NoReturn:
        """Refuse a request for the caller. Raises `OAuthError`, or the errors of `screen`."""
        self.screen(parameters, caller, now=now)
        raise OAuthError("access_denied", "The user denied the request.")

    def allow(self, parameters: Parameters, origin: Origin) -> tuple[AuthorizationRequest, Consented]:
        """Store the consent of the caller, and create a code.

        Raises the errors of `screen`, and `OAuthError` if the caller has none of the requested rights.
        """
        shown = self.screen(parameters, origin.caller, now=origin.at)
        if not shown.scopes:
            raise OAuthError("access_denied", "The user has none of the requested rights.")
        request = shown.request
        grant_id = UUID(int=self.rng.getrandbits(128), version=4)
        code = key_format.issue_key_text(CODE_PREFIX, grant_id, self.rng)
        grant = Grant(
            id=grant_id,
            account_id=origin.caller.account_id,
            client_id=request.client.id,
            client_name=request.client.settings.name,
            user_id=origin.caller.actor_id,
            scopes=shown.scopes,
            redirect_uri=request.redirect_uri,
            resource=request.resource,
            status="active",
            created_at=origin.at,
            expires_at=origin.at + CODE_LASTS,
            lasts_until=shown.ends_at,
            code_hash=key_format.hash_key_text(code),
            code_challenge=request.code_challenge,
        )
        self.grants.add(grant, grant_entry(grant, origin, "oauth_grant.created", rng=self.rng))
        return request, Consented(grant, code)


def redirect_for_error(reader: RequestReader, parameters: Parameters, error: OAuthError, *, issuer: str) -> str:
    """Return the redirect that reports an error to the client. Raises `UnknownClientError`."""
    redirect_uri = redirect_uri_of(parameters, reader.client_of(parameters))
    return error_redirect(redirect_uri, parameters, error, issuer=issuer)


def lifetime(client: OAuthClient) -> timedelta:
    """Return the duration of a grant of the client."""
    chosen = client.settings
    has_refresh = client.allows("refresh_token")
    return timedelta(seconds=chosen.refresh_token_seconds if has_refresh else chosen.access_token_seconds)


def grant_entry(grant: Grant, origin: Origin, action: str, *, rng: Random, reason: str | None = None) -> AuditEntry:
    """Create the audit entry of a grant."""
    details = {"clientId": str(grant.client_id), "userId": grant.user_id, "scopes": list(grant.scopes)}
    return new_entry(
        origin, action, grant.id, rng=rng, details=details if reason is None else {**details, "reason": reason}
    )


def grantable(scopes: Sequence[str], grants: Grants) -> tuple[str, ...]:
    """Return the part of the requested scopes that a user has. A wildcard is narrowed to the user's own scopes."""
    common = Grants.of(scopes).within(grants)
    return tuple(sorted(scope for scope in common.allowed if is_wildcard(scope) or common.may(scope)))


def _is_remembered(request: AuthorizationRequest, scopes: tuple[str, ...], grants: Sequence[Grant]) -> bool:
    """Return whether an equal consent exists.

    The redirect URI identifies only a confidential client with HTTPS. Any app on a device can receive the redirects of
    another client (RFC 8252, 8.6; RFC 9700, 4.14).
    """
    if request.client.type == "public" or not request.redirect_uri.startswith("https:"):
        return False
    return any(
        grant.client_id == request.client.id
        and grant.redirect_uri == request.redirect_uri
        and set(scopes) <= set(grant.scopes)
        and grant.resource == request.resource
        for grant in grants
    )
