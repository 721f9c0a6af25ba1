"""Create, change and delete permission profiles, with permission checks and audit entries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Protocol
from uuid import UUID

from latchhook.audit import AuditEntry, Origin, new_entry
from latchhook.idempotency_records import IdempotencyKey
from latchhook.optimistic_locking import retry_on_conflict
from latchhook.permissions.profiles import Profile, Rule, check_rules
from latchhook.permissions.scopes import Catalogue

_CHOSEN = ("name", "description", "rules")


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """The editable fields of a profile. The request schema checks lengths and counts."""

    name: str
    description: str | None = None
    rules: tuple[Rule, ...] = ()


class ProfileStore(Protocol):
    """Stores profiles. Each change and its audit entry are one transaction."""

    def add(self, profile: Profile, entry: AuditEntry, idempotency_key: IdempotencyKey | None = None) -> None:
        """Store a new profile. Raises `TooManyProfilesError` and `AlreadyCompletedError`."""

    def get(self, account_id: str, profile_id: UUID) -> Profile:
        """Read one profile of the account, strongly consistent. Raises `ProfileNotFoundError`."""

    def replace(self, before: Profile, after: Profile, entry: AuditEntry) -> None:
        """Replace `before` with `after`. Raises `ProfileChangedError` if the stored profile differs from `before`."""

    def delete(self, account_id: str, profile_id: UUID, entry: AuditEntry) -> None:
        """Delete a profile that no key and no member uses. Raises `ProfileInUseError` or `ProfileNotFoundError`."""


@dataclass(frozen=True, slots=True)
class ProfileEditor:
    """Creates, changes and deletes profiles in the caller's account."""

    store: ProfileStore
    catalogue: Catalogue
    rng: Random

    def create(self, chosen: ProfileSettings, origin: Origin, idempotency_key: IdempotencyKey | None = None) -> Profile:
        """Create a profile. Raises the errors of `check_rules`, `TooManyProfilesError` and `AlreadyCompletedError`."""
        check_rules(chosen.rules, caller=origin.caller, catalogue=self.catalogue)
        profile = Profile(
            id=UUID(int=self.rng.getrandbits(128), version=4),
            account_id=origin.caller.account_id,
            name=chosen.name,
            description=chosen.description,
            rules=chosen.rules,
            key_count=0,
            created_at=origin.at,
            updated_at=origin.at,
        )
        self.store.add(profile, self._entry(origin, "permission_profile.created", profile.id), idempotency_key)
        return profile

    def change(self, profile_id: UUID, edit: Callable[[Profile], ProfileSettings], origin: Origin) -> Profile:
        """Change a profile with `edit`. The change applies to the next request of each key that uses it.
        Without a change nothing is written.

        Raises `ProfileNotFoundError` and the errors of `check_rules`. Unchanged rules need no rights. New rules of a
        profile that members have need the right to change members. Otherwise it raises `ForbiddenError`.
        """

        def change() -> Profile:
            before = self.store.get(origin.caller.account_id, profile_id)
            chosen = edit(before)
            if chosen.rules != before.rules:
                if before.member_count:
                    origin.caller.require("account-members:write")
                check_rules(chosen.rules, old=before.rules, caller=origin.caller, catalogue=self.catalogue)
            changed = [name for name in _CHOSEN if getattr(before, name) != getattr(chosen, name)]
            if not changed:
                return before
            after = replace(
                before,
                name=chosen.name,
                description=chosen.description,
                rules=chosen.rules,
                updated_at=origin.at,
                version=before.version + 1,
            )
            entry = self._entry(origin, "permission_profile.updated", profile_id, {"changed": changed})
            self.store.replace(before, after, entry)
            return after

        return retry_on_conflict(change, rng=self.rng)

    def delete(self, profile_id: UUID, origin: Origin) -> None:
        """Delete a profile that no key and no member uses. Raises `ProfileInUseError` or `ProfileNotFoundError`."""
        entry = self._entry(origin, "permission_profile.deleted", profile_id)
        self.store.delete(origin.caller.account_id, profile_id, entry)

    def _entry(
        self, origin: Origin, action: str, profile_id: UUID, details: Mapping[str, Any] | None = None
    ) -> AuditEntry:
        return new_entry(origin, action, profile_id, rng=self.rng, details=details)
