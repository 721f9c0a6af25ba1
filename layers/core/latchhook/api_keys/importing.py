"""Import keys of another system by the SHA-256 hash of their texts. The key texts stay valid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Literal, Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.changing import check_owner, find_profile
from latchhook.api_keys.creation import KeySettings, check_rights, new_key
from latchhook.api_keys.errors import (
    BadItemError,
    DuplicateHashesError,
    ExpiryNotInFutureError,
    OwnerNotMemberError,
    ProfileBeyondCreatorError,
    ScopesBeyondCreatorError,
    UnknownProfileError,
    UnknownScopesError,
)
from latchhook.api_keys.verification import Owners, Profiles
from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.idempotency_records import CompletedRequest, IdempotencyKey
from latchhook.permissions.profiles import Profile
from latchhook.permissions.scopes import Catalogue

MAX_KEYS = 1_000
MAX_PREFIX_LENGTH = 16

_REFUSALS = (
    ExpiryNotInFutureError,
    OwnerNotMemberError,
    ProfileBeyondCreatorError,
    ScopesBeyondCreatorError,
    UnknownProfileError,
    UnknownScopesError,
)


@dataclass(frozen=True, slots=True)
class ImportedKey:
    """A key of another system."""

    settings: KeySettings
    key_hash: bytes = field(repr=False)
    prefix: str = ""
    """The first characters of the key text, shown in lists."""


class CompletedRequests(Protocol):
    """Where completed requests are kept."""

    def add(self, account_id: str, request: IdempotencyKey, done: CompletedRequest, *, now: datetime) -> None:
        """Store a record. Raises `AlreadyCompletedError` if an equal request was faster."""


class NewKeys(Protocol):
    """Stores keys."""

    def add_all(self, account_id: str, new: Sequence[tuple[ApiKey, bytes, AuditEntry]]) -> Sequence[bool]:
        """Store keys, each in one transaction with its audit entry. The result is False for an id that exists."""


@dataclass(frozen=True, slots=True)
class KeyImporter:
    """Imports keys into the caller's account."""

    store: NewKeys
    profiles: Callable[[], Profiles]
    owners: Callable[[], Owners]
    prefix: str
    catalogue: Catalogue
    rng: Random
    completed_requests: Callable[[], CompletedRequests]

    def run(
        self, imported: Sequence[ImportedKey], origin: Origin, idempotency_key: IdempotencyKey | None = None
    ) -> Sequence[tuple[ApiKey, Literal["created", "exists"]]]:
        """Import the keys. Return each key with its result, in order. One refused key stops the whole import.

        A key that already exists in any account is not changed. Raises `DuplicateHashesError`, and `BadItemError` with
        an error of `KeyIssuer.create` as its cause.
        """
        # The import is many transactions. The record is a write after the last of them, so a repeat of an import that
        # failed midway adds the missing keys.
        hashes = [one.key_hash for one in imported]
        first = {key_hash: at for at, key_hash in reversed(list(enumerate(hashes)))}
        again = tuple(at for at, key_hash in enumerate(hashes) if first[key_hash] != at)
        if again:
            raise DuplicateHashesError(again)
        profiles: dict[UUID, Profile | None] = {}
        owners: set[str] = set()
        keys = []
        for position, one in enumerate(imported):
            try:
                keys.append(self._key(one, profiles, owners, origin))
            except _REFUSALS as error:
                raise BadItemError(position, error) from error
        entries = [new_entry(origin, "api_key.created", key.id, rng=self.rng, details=_IMPORTED) for key in keys]
        added = self.store.add_all(origin.caller.account_id, list(zip(keys, hashes, entries, strict=True)))
        results: list[tuple[ApiKey, Literal["created", "exists"]]] = [
            (key, "created" if new else "exists") for key, new in zip(keys, added, strict=True)
        ]
        if idempotency_key is not None:
            imported_ids = tuple((key.id, outcome) for key, outcome in results)
            done = CompletedRequest(idempotency_key.fingerprint, keys[0].id, imported=imported_ids)
            self.completed_requests().add(origin.caller.account_id, idempotency_key, done, now=origin.at)
        return results

    def _key(self, one: ImportedKey, profiles: dict[UUID, Profile | None], owners: set[str], origin: Origin) -> ApiKey:
        """Build a key. `profiles` and `owners` are those that earlier keys of the import were checked with."""
        caller, chosen = origin.caller, one.settings
        if chosen.profile_id is not None and chosen.profile_id not in profiles:
            profiles[chosen.profile_id] = find_profile(self.profiles, caller.account_id, chosen.profile_id)
        profile = None if chosen.profile_id is None else profiles[chosen.profile_id]
        check_rights(chosen.scopes, profile, creator=caller, catalogue=self.catalogue)
        key_id = key_format.imported_key_id(one.key_hash)
        key = new_key(chosen, key_id, creator=caller, prefix=self.prefix, now=origin.at)
        if key.followed_user_id is not None and key.followed_user_id not in owners:
            check_owner(self.owners, key)
            owners.add(key.followed_user_id)
        return replace(key, prefix=one.prefix, key_prefix=one.prefix[: key_format.LEADING])


_IMPORTED = {"imported": True}
