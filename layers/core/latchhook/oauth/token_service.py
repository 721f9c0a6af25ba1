"""The token endpoint: authenticates clients, issues tokens, and ends them (RFC 6749, 3.2; RFC 7009)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.errors import MalformedKeyError
from latchhook.api_keys.key_format import ACCESS_TOKEN_PREFIX
from latchhook.audit import AuditEntry, Origin
from latchhook.identity.caller import system
from latchhook.oauth.client import ClientSecrets, OAuthClient, read_client_id
from latchhook.oauth.consent import grant_entry
from latchhook.oauth.errors import OAuthError
from latchhook.oauth.grant import CODE_PREFIX, REFRESH_PREFIX, Assertion, Grant
from latchhook.oauth.protocol import requested_scopes
from latchhook.oauth.tokens import (
    INVALID_CODE,
    INVALID_REFRESH,
    ReuseError,
    Tokens,
    exchange,
    for_client,
    refreshed,
)
from latchhook.optimistic_locking import retry_on_conflict

INVALID_CLIENT = OAuthError("invalid_client", "The client is unknown, disabled, or its authentication is not valid.")


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The client id and the secret that a request presents. A public client has no secret."""

    client_id: str
    secret: str | None = field(default=None, repr=False)
    assertion: str | None = field(default=None, repr=False)
    """A signed JWT (`private_key_jwt`), which can be used once."""
    audiences: tuple[str, ...] = ()
    """The accepted audiences of the assertion: the issuer and the endpoint."""


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """The parameters of the grant type `authorization_code`."""

    code: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str | None
    resource: str | None


@dataclass(frozen=True, slots=True)
class RefreshRequest:
    """The parameters of the grant type `refresh_token`."""

    token: str = field(repr=False)
    scope: str | None
    resource: str | None


@dataclass(frozen=True, slots=True)
class Sender:
    """The origin of a request to the token endpoint."""

    source_ip: str
    request_id: str
    at: datetime


class TokenGrants(Protocol):
    """Stored grants."""

    def read(
        self, client_id: UUID, grant_id: UUID | None
    ) -> tuple[OAuthClient | None, ClientSecrets | None, Grant | None]:
        """Read a client, its secrets and a grant with one call, strongly consistent."""

    def exchange(self, before: Grant, after: Grant) -> None:
        """Store the exchange of a code. Raises `GrantChangedError`."""

    def refresh(self, before: Grant, after: Grant) -> None:
        """Store the rotation of a refresh token. Raises `GrantChangedError`."""

    def add_token(self, before: Grant, after: Grant) -> None:
        """Store a new access token of a client's own grant. Raises `GrantChangedError`."""

    def end_token(self, grant: Grant, name: str) -> None:
        """End one access token."""

    def use_assertion(self, assertion: Assertion) -> bool:
        """Store that an assertion was used. Return False if it was used before."""

    def revoke(self, grant: Grant, entry: AuditEntry) -> None:
        """Revoke a grant, in one transaction with the audit entry. Raises `OAuthGrantNotFoundError`."""


ReadGrant = Callable[[], tuple[OAuthClient, Grant | None]]
"""Returns the authenticated client and the grant of a request."""


@dataclass(frozen=True, slots=True)
class TokenService:
    """Issues and ends tokens. Each operation reads once and writes once. A conflict or a reuse needs more calls."""

    grants: TokenGrants
    rng: Random

    def by_code(self, credentials: ClientCredentials, asked: CodeRequest, sender: Sender) -> Tokens:
        """Exchange a code. Raises `OAuthError`. A second use revokes the grant with all its tokens."""
        read = self._reader(credentials, id_in(CODE_PREFIX, asked.code), sender.at)

        def use() -> Tokens:
            client, grant = read()
            if grant is None or not client.allows("authorization_code"):
                raise INVALID_CODE
            check_resource(asked.resource, grant)
            after, tokens = exchange(
                grant,
                client,
                asked.code,
                verifier=asked.verifier,
                redirect_uri=asked.redirect_uri,
                now=sender.at,
                rng=self.rng,
            )
            self.grants.exchange(grant, after)
            return tokens

        return self._once(use, read, sender, "code_reused")

    def by_refresh_token(self, credentials: ClientCredentials, asked: RefreshRequest, sender: Sender) -> Tokens:
        """Use a refresh token. Raises `OAuthError`. A use after more than 30 seconds revokes the grant."""
        read = self._reader(credentials, id_in(REFRESH_PREFIX, asked.token), sender.at)

        def use() -> Tokens:
            client, grant = read()
            if grant is None:
                raise INVALID_REFRESH
            check_resource(asked.resource, grant)
            after, tokens = refreshed(grant, client, asked.token, now=sender.at, rng=self.rng)
            requested_scopes(asked.scope, grant.scopes)
            if after is not grant:
                self.grants.refresh(grant, after)
            return tokens

        return self._once(use, read, sender, "refresh_token_reused")

    def by_client(self, credentials: ClientCredentials, scope: str | None, sender: Sender) -> Tokens:
        """Create an access token of the client itself. Raises `OAuthError`."""
        read = self._reader(credentials, client_id_of(credentials), sender.at)

        def use() -> Tokens:
            client, grant = read()
            if grant is None or client.type == "public":
                raise OAuthError("unauthorized_client", "The client does not have the grant type client_credentials.")
            requested_scopes(scope, client.settings.scopes)
            after, tokens = for_client(grant, client, now=sender.at, rng=self.rng)
            self.grants.add_token(grant, after)
            return tokens

        return retry_on_conflict(use, rng=self.rng)

    def end(self, credentials: ClientCredentials, token: str, sender: Sender) -> None:
        """End a token of the client. A refresh token ends its grant. Every other text is ignored (RFC 7009, 2.2).

        Raises `OAuthError` for an invalid client.
        """
        is_refresh = token.startswith(REFRESH_PREFIX)
        grant_id = id_in(REFRESH_PREFIX if is_refresh else ACCESS_TOKEN_PREFIX, token)
        _, grant = self._reader(credentials, grant_id, sender.at)()
        if grant is None or grant.client_id != client_id_of(credentials):
            return
        presented = key_format.hash_key_text(token)
        if is_refresh and grant.refresh is not None and presented in (grant.refresh.current, grant.refresh.previous):
            self._revoke(grant, sender, "revoked_by_client")
        elif not is_refresh and key_format.token_name(presented) in grant.tokens:
            self.grants.end_token(grant, key_format.token_name(presented))

    def find(self, credentials: ClientCredentials, token: str, *, now: datetime) -> tuple[OAuthClient, Grant | None]:
        """Authenticate a client, and return the grant of a token of this client. None for every other text.

        Raises `OAuthError` for an invalid client.
        """
        is_refresh = token.startswith(REFRESH_PREFIX)
        grant_id = id_in(REFRESH_PREFIX if is_refresh else ACCESS_TOKEN_PREFIX, token)
        client, grant = self._reader(credentials, grant_id, now)()
        return client, grant if grant is not None and grant.client_id == client.id else None

    def _reader(self, credentials: ClientCredentials, grant_id: UUID | None, now: datetime) -> ReadGrant:
        """Return a function that authenticates the client and reads the grant. It raises `OAuthError`.

        Only its first call uses up an assertion, so that a request can read again after a conflict.
        """
        is_used = False

        def read() -> tuple[OAuthClient, Grant | None]:
            nonlocal is_used
            client, secrets, grant = self.grants.read(client_id_of(credentials), grant_id)
            if client is None or not client.is_active:
                raise INVALID_CLIENT
            if credentials.assertion is None:
                if not _is_authentic(secrets, credentials.secret, now):
                    raise INVALID_CLIENT
            elif not is_used:
                self._use_assertion(client, credentials.assertion, credentials.audiences, now)
                is_used = True
            return client, grant

        return read

    def _use_assertion(self, client: OAuthClient, text: str, audiences: tuple[str, ...], now: datetime) -> None:
        """Check a signed assertion of the client, and use it up. Costs one call. Raises `OAuthError`."""
        key_set = client.settings.key_set
        if key_set is None:
            raise INVALID_CLIENT
        from latchhook.oauth.assertions import read_assertion

        assertion = read_assertion(text, key_set, client_id=str(client.id), audiences=audiences, now=now)
        if not self.grants.use_assertion(assertion):
            raise INVALID_CLIENT

    def _once(self, use: Callable[[], Tokens], read: ReadGrant, sender: Sender, reason: str) -> Tokens:
        try:
            return retry_on_conflict(use, rng=self.rng)
        except ReuseError as reuse:
            _, grant = read()
            if grant is not None and grant.status == "active":
                self._revoke(grant, sender, reason)
            raise reuse.error from None

    def _revoke(self, grant: Grant, sender: Sender, reason: str) -> None:
        origin = Origin(system(grant.account_id, "oauth"), sender.source_ip, sender.request_id, sender.at)
        self.grants.revoke(grant, grant_entry(grant, origin, "oauth_grant.revoked", rng=self.rng, reason=reason))


def client_id_of(credentials: ClientCredentials) -> UUID:
    """Return the id of a client. Raises `OAuthError` for a text that is no id."""
    found = read_client_id(credentials.client_id)
    if found is None:
        raise INVALID_CLIENT
    return found


def id_in(prefix: str, text: str) -> UUID | None:
    """Return the grant's id in a code or token. None for a text that cannot be one."""
    try:
        return key_format.parse_key_text(prefix, text)
    except MalformedKeyError:
        return None


def check_resource(resource: str | None, grant: Grant) -> None:
    """Raise `OAuthError` if a request names another resource than the grant (RFC 8707, 2.2)."""
    if resource is not None and resource != grant.resource:
        raise OAuthError("invalid_target", "resource differs from the authorization request.")


def _is_authentic(secrets: ClientSecrets | None, presented: str | None, now: datetime) -> bool:
    """Return whether the secret is right. A public client has no secret, and must not send one."""
    if secrets is None or presented is None:
        return secrets is None and presented is None
    try:
        return secrets.accept(key_format.hash_key_text(presented), now)
    except UnicodeEncodeError:
        return False
