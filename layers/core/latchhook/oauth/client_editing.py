"""Create, change, rotate and delete OAuth clients, with permission checks and audit entries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.idempotency_records import IdempotencyKey
from latchhook.oauth.client import SECRET_PREFIX, ClientSettings, ClientType, OAuthClient
from latchhook.oauth.errors import ClientScopesBeyondCallerError, PublicClientError, UnknownClientScopesError
from latchhook.optimistic_locking import retry_on_conflict
from latchhook.permissions.scopes import MEMBER_SCOPES, OPERATOR_SCOPES, Catalogue

NOT_FOR_CLIENTS = OPERATOR_SCOPES | MEMBER_SCOPES
"""Scopes that no client can have."""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A client with a new secret. `text` is None for a public client."""

    client: OAuthClient
    text: str | None = field(repr=False)
    previous_until: datetime | None = None


class ClientStore(Protocol):
    """Stores clients. Each change and its audit entry are one transaction."""

    def add(
        self,
        client: OAuthClient,
        secret_hash: bytes | None,
        entry: AuditEntry,
        idempotency_key: IdempotencyKey | None = None,
    ) -> None:
        """Store a new client. Raises `TooManyOAuthClientsError` and `AlreadyCompletedError`."""

    def get(self, account_id: str, client_id: UUID) -> OAuthClient:
        """Read one client of the account, strongly consistent. Raises `OAuthClientNotFoundError`."""

    def replace(self, before: OAuthClient, after: OAuthClient, entry: AuditEntry) -> None:
        """Replace `before` with `after`. Raises `OAuthClientChangedError` if the stored client differs."""

    def replace_secret(
        self,
        before: OAuthClient,
        secret_hash: bytes,
        previous_until: datetime,
        entry: AuditEntry,
        idempotency_key: IdempotencyKey | None = None,
    ) -> OAuthClient:
        """Replace the secret. Raises `OAuthClientChangedError` and `AlreadyCompletedError`."""

    def delete(self, account_id: str, client_id: UUID, entry: AuditEntry) -> None:
        """Delete a client. Raises `OAuthClientNotFoundError`."""


@dataclass(frozen=True, slots=True)
class ClientEditor:
    """Creates, changes and deletes clients of the caller's account."""

    store: ClientStore
    catalogue: Catalogue
    rng: Random

    def create(
        self,
        kind: ClientType,
        chosen: ClientSettings,
        origin: Origin,
        idempotency_key: IdempotencyKey | None = None,
    ) -> NewSecret:
        """Create a client. Raises the errors of `check_scopes` and of `ClientStore.add`."""
        check_scopes(chosen.scopes, origin, self.catalogue)
        client = OAuthClient(
            UUID(int=self.rng.getrandbits(128), version=4),
            origin.caller.account_id,
            kind,
            chosen,
            origin.at,
            origin.at,
        )
        secret = None if kind == "public" else self._new_secret(client.id)
        secret_hash = None if secret is None else key_format.hash_key_text(secret)
        self.store.add(client, secret_hash, self._entry(origin, "oauth_client.created", client.id), idempotency_key)
        return NewSecret(client, secret)

    def change(self, client_id: UUID, edit: Callable[[OAuthClient], ClientSettings], origin: Origin) -> OAuthClient:
        """Change a client with `edit`. The change applies to the next use of each token of the client.

        Without a change nothing is written. Raises `OAuthClientNotFoundError` and, for new scopes, the errors of
        `check_scopes`.
        """

        def change() -> OAuthClient:
            before = self.store.get(origin.caller.account_id, client_id)
            chosen = edit(before)
            if chosen == before.settings:
                return before
            check_scopes(chosen.scopes, origin, self.catalogue, kept=before.settings.scopes)
            changed = [
                each.name
                for each in fields(chosen)
                if getattr(chosen, each.name) != getattr(before.settings, each.name)
            ]
            after = replace(before, settings=chosen, updated_at=origin.at, version=before.version + 1)
            self.store.replace(
                before, after, self._entry(origin, "oauth_client.updated", client_id, {"changed": changed})
            )
            return after

        return retry_on_conflict(change, rng=self.rng)

    def rotate_secret(
        self, client_id: UUID, grace: timedelta, origin: Origin, idempotency_key: IdempotencyKey | None = None
    ) -> NewSecret:
        """Replace the secret of a confidential client. The previous one works during `grace`.

        Raises `OAuthClientNotFoundError`, `PublicClientError` and `AlreadyCompletedError`.
        """
        secret = self._new_secret(client_id)
        until = origin.at + grace

        def rotate() -> OAuthClient:
            before = self.store.get(origin.caller.account_id, client_id)
            if before.type == "public":
                raise PublicClientError
            _check_rights(before.settings.scopes, origin)
            entry = self._entry(origin, "oauth_client.secret_rotated", client_id)
            return self.store.replace_secret(before, key_format.hash_key_text(secret), until, entry, idempotency_key)

        return NewSecret(retry_on_conflict(rotate, rng=self.rng), secret, until)

    def delete(self, client_id: UUID, origin: Origin) -> None:
        """Delete a client. Its tokens are refused on the next request. Raises `OAuthClientNotFoundError`."""
        self.store.delete(origin.caller.account_id, client_id, self._entry(origin, "oauth_client.deleted", client_id))

    def _new_secret(self, client_id: UUID) -> str:
        return key_format.issue_key_text(SECRET_PREFIX, client_id, self.rng)

    def _entry(
        self, origin: Origin, action: str, client_id: UUID, details: Mapping[str, Any] | None = None
    ) -> AuditEntry:
        return new_entry(origin, action, client_id, rng=self.rng, details=details)


def check_scopes(scopes: Sequence[str], origin: Origin, catalogue: Catalogue, kept: Sequence[str] = ()) -> None:
    """Check that the caller may give these scopes to a client. The scopes `kept` are not checked.

    Raises `UnknownClientScopesError` for scopes that no client can have, and `ClientScopesBeyondCallerError`.
    """
    new = [scope for scope in scopes if scope not in kept]
    unknown = catalogue.unknown(new) | (NOT_FOR_CLIENTS & set(new))
    if unknown:
        raise UnknownClientScopesError(_positions(scopes, unknown))
    _check_rights(scopes, origin, kept)


def _check_rights(scopes: Sequence[str], origin: Origin, kept: Sequence[str] = ()) -> None:
    beyond = {scope for scope in scopes if scope not in kept and not origin.caller.may(scope)}
    if beyond:
        raise ClientScopesBeyondCallerError(_positions(scopes, beyond))


def _positions(scopes: Sequence[str], chosen: "set[str] | frozenset[str]") -> tuple[int, ...]:
    return tuple(at for at, scope in enumerate(scopes) if scope in chosen)
