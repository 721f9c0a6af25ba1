"""Issue, rotate and revoke the secrets of keys."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.changing import check_owner, find_profile
from latchhook.api_keys.creation import KeySettings, create_key
from latchhook.api_keys.errors import ApiKeyRevokedError, ScopesBeyondCreatorError
from latchhook.api_keys.ports import RevocableKeys, StoredKeys
from latchhook.api_keys.rotation import grace_end
from latchhook.api_keys.verification import Owners, Profiles
from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.clock import rfc3339
from latchhook.idempotency_records import IdempotencyKey
from latchhook.optimistic_locking import retry_on_conflict
from latchhook.permissions.grants import Grants
from latchhook.permissions.scopes import Catalogue


class KeyStore(StoredKeys, RevocableKeys, Protocol):
    """Stores keys. Each change and its audit entry are one transaction."""

    def add(
        self, key: ApiKey, key_hash: bytes, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None
    ) -> None:
        """Store a new key. Raises `AlreadyCompletedError` and `UnknownProfileError`."""

    def replace_secret(
        self,
        key: ApiKey,
        *,
        key_hash: bytes,
        previous_until: datetime,
        entry: AuditEntry,
        idempotency_key: IdempotencyKey | None = None,
    ) -> ApiKey:
        """Rotate the key's secret. Raises `KeyChangedError` on a conflict, and `AlreadyCompletedError`."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A key with its new text."""

    key: ApiKey
    text: str = field(repr=False)
    previous_until: datetime | None = None
    """The time from which the previous text is refused."""


@dataclass(frozen=True, slots=True)
class KeyIssuer:
    """Issues key texts. The caller receives a text once. Only its hash is stored."""

    store: KeyStore
    profiles: Callable[[], Profiles]
    owners: Callable[[], Owners]
    prefix: str
    catalogue: Catalogue
    default_grace_seconds: int
    rng: Random

    def create(self, chosen: KeySettings, origin: Origin, idempotency_key: IdempotencyKey | None = None) -> Issued:
        """Create a key in the caller's account.

        Raises the errors of `create_key`, `UnknownProfileError`, `OwnerNotMemberError` and `AlreadyCompletedError`.
        """
        key, text = create_key(
            chosen,
            profile=find_profile(self.profiles, origin.caller.account_id, chosen.profile_id),
            creator=origin.caller,
            prefix=self.prefix,
            catalogue=self.catalogue,
            now=origin.at,
            rng=self.rng,
        )
        check_owner(self.owners, key)
        entry = new_entry(origin, "api_key.created", key.id, rng=self.rng)
        self.store.add(key, key_format.hash_key_text(text), entry, idempotency_key)
        return Issued(key, text)

    def rotate(
        self, key_id: UUID, *, grace_seconds: int | None, origin: Origin, idempotency_key: IdempotencyKey | None = None
    ) -> Issued:
        """Rotate the key. Return it with its new text and the time from which the previous text is refused.

        Raises `ApiKeyNotFoundError`, `ApiKeyRevokedError`, `AlreadyCompletedError`, and `ScopesBeyondCreatorError`
        if the key has rights that the caller lacks, because the new text would give them to the caller.
        """

        def rotate() -> Issued:
            return self._rotate(
                self.store.get(origin.caller.account_id, key_id), grace_seconds, origin, idempotency_key
            )

        return retry_on_conflict(rotate, rng=self.rng)

    def revoke(self, key_id: UUID, origin: Origin) -> None:
        """Revoke the key with all its secrets. A revoked key never works again. Raises `ApiKeyNotFoundError`."""
        self.store.revoke(origin.caller.account_id, key_id, new_entry(origin, "api_key.revoked", key_id, rng=self.rng))

    def _rotate(
        self, key: ApiKey, grace_seconds: int | None, origin: Origin, idempotency_key: IdempotencyKey | None
    ) -> Issued:
        if key.stored_status == "revoked":
            raise ApiKeyRevokedError
        profile = find_profile(self.profiles, key.account_id, key.profile_id)
        grants = Grants.of(key.scopes) if profile is None else profile.grants_for(key.scopes)
        if not origin.caller.grants.covers(grants):
            raise ScopesBeyondCreatorError(())
        grace = self.default_grace_seconds if grace_seconds is None else grace_seconds
        until = grace_end(key, grace_seconds=grace, now=origin.at)
        text = key_format.issue_key_text(self.prefix, key.id, self.rng)
        details = {"previousKeyExpiresAt": rfc3339(until)}
        rotated = self.store.replace_secret(
            key,
            key_hash=key_format.hash_key_text(text),
            previous_until=until,
            entry=new_entry(origin, "api_key.rotated", key.id, rng=self.rng, details=details),
            idempotency_key=idempotency_key,
        )
        return Issued(rotated, text, until)
