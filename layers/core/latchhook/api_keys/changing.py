"""Change a key's settings, completely (PUT) or in part (PATCH). The secret never changes here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Literal, Protocol
from uuid import UUID

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.creation import ChosenCredits, KeySettings, check_rights, other_owner
from latchhook.api_keys.errors import (
    ApiKeyRevokedError,
    ExpiryNotInFutureError,
    OwnerNotMemberError,
    UnknownProfileError,
)
from latchhook.api_keys.limits import Credits
from latchhook.api_keys.ports import ReplaceableKeys, StoredKeys
from latchhook.api_keys.verification import Owners, Profiles, RightsSources, sources_of
from latchhook.audit import Origin, new_entry
from latchhook.canonical_json import same_json
from latchhook.optimistic_locking import retry_on_conflict
from latchhook.permissions.profiles import Profile
from latchhook.permissions.scopes import Catalogue
from latchhook.rates import RateLimit, carried_over

_SETTINGS = {
    "name": "name",
    "description": "description",
    "scopes": "scopes",
    "profileId": "profile_id",
    "status": "stored_status",
    "expiresAt": "expires_at",
    "ownerUserId": "owner_user_id",
    "followsOwner": "follows_owner",
    "metadata": "metadata",
    "rateLimit": "rate_limit",
    "credits": "credits",
    "ipAllowList": "ip_allow_list",
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """The editable fields of a key."""

    settings: KeySettings
    status: Literal["active", "disabled"] | None = None
    """None keeps the status."""


class KeyRecords(StoredKeys, ReplaceableKeys, Protocol):
    """Reads keys and changes their settings."""


@dataclass(frozen=True, slots=True)
class KeyEditor:
    """Changes the settings of keys in the caller's account."""

    store: KeyRecords
    profiles: Callable[[], Profiles]
    owners: Callable[[], Owners]
    catalogue: Catalogue
    rng: Random

    def change(self, key_id: UUID, edit: Callable[[ApiKey], Configuration], origin: Origin) -> ApiKey:
        """Change a key with `edit`. Without a change nothing is written.

        Raises `ApiKeyNotFoundError`, `ApiKeyRevokedError`, `ExpiryNotInFutureError`, `UnknownProfileError`,
        `OwnerNotMemberError` and the errors of `check_rights`.
        """

        def change() -> ApiKey:
            before = self.store.get(origin.caller.account_id, key_id)
            if before.stored_status == "revoked":
                raise ApiKeyRevokedError
            after = self._changed(before, edit(before), origin)
            changed = changed_fields(before, after)
            if not changed:
                return before
            details = {"changed": changed}
            entry = new_entry(origin, "api_key.updated", key_id, rng=self.rng, details=details)
            self.store.replace(before, after, entry)
            return after

        return retry_on_conflict(change, rng=self.rng)

    def _changed(self, before: ApiKey, chosen: Configuration, origin: Origin) -> ApiKey:
        settings = chosen.settings
        scopes = tuple(dict.fromkeys(settings.scopes))
        linked = replace(
            before,
            profile_id=settings.profile_id,
            other_owner_id=other_owner(settings.owner_user_id, before.user_id),
            follows_owner=settings.follows_owner,
        )
        if set(scopes) != set(before.scopes) or sources_of(linked) != sources_of(before):
            # Check the kept scopes as well: without its old profile or owner, the key also loses their limits.
            profile = find_profile(self.profiles, before.account_id, settings.profile_id)
            check_rights(scopes, profile, creator=origin.caller, catalogue=self.catalogue, kept=before.scopes)
        if linked.followed_user_id != before.followed_user_id:
            check_owner(self.owners, linked)
        if settings.expires_at != before.expires_at and _is_over(settings.expires_at, origin.at):
            raise ExpiryNotInFutureError
        return replace(
            linked,
            name=settings.name,
            description=settings.description,
            scopes=scopes,
            expires_at=settings.expires_at,
            metadata=settings.metadata,
            rate_limit=settings.rate_limit,
            rate_full_at_micros=_carried_over(before, settings.rate_limit, origin.at),
            removed_rate_step_micros=None if settings.rate_limit is not None else _counted_step(before),
            credits=_changed_credits(before.credits, settings.credits, origin.at),
            ip_allow_list=tuple(dict.fromkeys(settings.ip_allow_list)),
            stored_status=_status(before, chosen, origin.at),
            updated_at=origin.at,
            version=before.version + 1,
        )


def find_profile(profiles: Callable[[], Profiles], account_id: str, profile_id: UUID | None) -> Profile | None:
    """Read the profile with this id. None without an id. Raises `UnknownProfileError`."""
    if profile_id is None:
        return None
    profile = profiles().find(account_id, profile_id)
    if profile is None:
        raise UnknownProfileError
    return profile


def check_owner(owners: Callable[[], Owners], key: ApiKey) -> None:
    """Check the owner of a key that follows its owner. Raises `OwnerNotMemberError`."""
    user_id = key.followed_user_id
    if user_id is None:
        return
    if owners().rights(key.account_id, RightsSources(followed_user_id=user_id)).grants is None:
        raise OwnerNotMemberError


def settings_of(key: ApiKey, now: datetime) -> KeySettings:
    """The current settings of a key, in the form in which a caller chooses them. Credits are those at `now`."""
    return KeySettings(
        name=key.name,
        description=key.description,
        scopes=key.scopes,
        profile_id=key.profile_id,
        expires_at=key.expires_at,
        owner_user_id=key.other_owner_id,
        follows_owner=key.follows_owner,
        metadata=key.metadata,
        rate_limit=key.rate_limit,
        credits=None if key.credits is None else ChosenCredits(key.credits.remaining(now), key.credits.refill),
        ip_allow_list=key.ip_allow_list,
    )


def changed_fields(before: ApiKey, after: ApiKey) -> list[str]:
    """The settings that differ, with their names in the API."""

    def differs(name: str) -> bool:
        was, new = getattr(before, name), getattr(after, name)
        return not same_json(was, new) if name == "metadata" else was != new

    return [shown for shown, name in _SETTINGS.items() if differs(name)]


def _counted_step(key: ApiKey) -> int | None:
    """The step of the uses that `rate_full_at_micros` counts. The limit itself may have been removed."""
    return key.removed_rate_step_micros if key.rate_limit is None else key.rate_limit.step_micros


def _carried_over(before: ApiKey, chosen: RateLimit | None, now: datetime) -> int:
    old_step = _counted_step(before)
    if chosen is None or old_step is None:
        return before.rate_full_at_micros
    return carried_over(
        before.rate_full_at_micros, old_step_micros=old_step, new_step_micros=chosen.step_micros, now=now
    )


def _changed_credits(before: Credits | None, chosen: ChosenCredits | None, now: datetime) -> Credits | None:
    if chosen is None:
        return None
    if before is None or chosen.refill != before.refill:
        return chosen.starting(now)
    if chosen.remaining == before.remaining(now):
        return before
    return Credits(chosen.remaining, before.refill, before.next_refill(now))


def _status(before: ApiKey, chosen: Configuration, now: datetime) -> Literal["active", "disabled", "expired"]:
    if chosen.status == "disabled" or (chosen.status is None and before.stored_status == "disabled"):
        return "disabled"
    # Only the scheduled job writes `expired`, because it also publishes the event. A later expiry removes the status.
    return "expired" if before.stored_status == "expired" and _is_over(chosen.settings.expires_at, now) else "active"


def _is_over(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now
