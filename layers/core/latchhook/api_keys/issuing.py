"""The life of a key's secret: issued with a new key, rotated, revoked."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.creation import KeySettings, create_key
from latchhook.api_keys.errors import ScopesBeyondCreatorError
from latchhook.api_keys.rotation import grace_end
from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.permissions.scopes import Catalogue


class KeyStore(Protocol):
    """Where keys are kept; each change stands in one transaction with its audit entry."""

    def add(self, key: ApiKey, key_hash: bytes, entry: AuditEntry) -> None:
        """Stores a new key."""

    def get(self, account_id: str, key_id: UUID) -> ApiKey:
        """One key of the account; raises `ApiKeyNotFoundError`."""

    def replace_secret(
        self, key: ApiKey, *, key_hash: bytes, previous_until: datetime, now: datetime, entry: AuditEntry
    ) -> ApiKey:
        """Gives the key a new secret; raises `ApiKeyNotFoundError` or `ApiKeyRevokedError`."""

    def revoke(self, account_id: str, key_id: UUID, *, now: datetime, entry: AuditEntry) -> None:
        """Revokes the key, once; raises `ApiKeyNotFoundError`."""


@dataclass(frozen=True, slots=True)
class KeyIssuer:
    """Makes the texts of keys. A text is given to the caller once and kept as a hash only."""

    store: KeyStore
    prefix: str
    catalogue: Catalogue
    default_grace_seconds: int
    rng: Random

    def create(self, chosen: KeySettings, origin: Origin) -> tuple[ApiKey, str]:
        """A new key of the caller's account, and its text; raises what `create_key` raises."""
        key, text = create_key(
            chosen,
            creator=origin.caller,
            prefix=self.prefix,
            catalogue=self.catalogue,
            now=origin.at,
            rng=self.rng,
        )
        entry = new_entry(origin, "api_key.created", key.id, rng=self.rng)
        self.store.add(key, key_format.hash_key_text(text), entry)
        return key, text

    def rotate(self, key_id: UUID, *, grace_seconds: int | None, origin: Origin) -> tuple[ApiKey, str, datetime]:
        """The key, its new text, and the moment from which the old one is refused.

        Raises `ApiKeyNotFoundError`, `ApiKeyRevokedError`, and `ScopesBeyondCreatorError` where the key holds more than
        the caller does: the new text would give that away (contracts.md).
        """
        key = self.store.get(origin.caller.account_id, key_id)
        if not all(origin.caller.may(scope) for scope in key.scopes):
            raise ScopesBeyondCreatorError(())
        grace = self.default_grace_seconds if grace_seconds is None else grace_seconds
        until = grace_end(key, grace_seconds=grace, now=origin.at)
        text = key_format.issue_key_text(self.prefix, key.id, self.rng)
        rotated = self.store.replace_secret(
            key,
            key_hash=key_format.hash_key_text(text),
            previous_until=until,
            now=origin.at,
            entry=new_entry(origin, "api_key.rotated", key.id, rng=self.rng),
        )
        return rotated, text, until

    def revoke(self, key_id: UUID, origin: Origin) -> None:
        """Refuses the key, in all its secrets, from this moment on and for good; raises `ApiKeyNotFoundError`."""
        entry = new_entry(origin, "api_key.revoked", key_id, rng=self.rng)
        self.store.revoke(origin.caller.account_id, key_id, now=origin.at, entry=entry)
