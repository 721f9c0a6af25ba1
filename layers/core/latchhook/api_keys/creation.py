"""Create a key and its secret, and check the rights that its creator may give it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import (
    ExpiryNotInFutureError,
    ProfileBeyondCreatorError,
    ScopesBeyondCreatorError,
    UnknownScopesError,
)
from latchhook.api_keys.limits import Credits, Refill
from latchhook.identity.caller import Caller
from latchhook.permissions.profiles import Profile
from latchhook.permissions.scopes import Catalogue
from latchhook.rates import RateLimit

DEFAULT_NAME = "API Key"
"""The name of a key that is created without a name."""


@dataclass(frozen=True, slots=True)
class ChosenCredits:
    """The credits that a creator chooses for a key."""

    remaining: int
    refill: Refill | None = None

    def starting(self, now: datetime) -> Credits:
        """The credits as stored, starting at `now`."""
        return Credits(self.remaining, self.refill, None if self.refill is None else self.refill.next_after(now))


@dataclass(frozen=True, slots=True)
class KeySettings:
    """The settings that a creator chooses. The request schema checks lengths and counts."""

    name: str = DEFAULT_NAME
    description: str | None = None
    scopes: Sequence[str] = ()
    profile_id: UUID | None = None
    expires_at: datetime | None = None
    owner_user_id: str | None = None
    """None makes the creator the owner."""
    follows_owner: bool = False
    """Whether the key's rights cannot exceed the current rights of the owner."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    rate_limit: RateLimit | None = None
    credits: ChosenCredits | None = None
    ip_allow_list: Sequence[str] = ()


def new_key(chosen: KeySettings, key_id: UUID, *, creator: Caller, prefix: str, now: datetime) -> ApiKey:
    """Build a key with the chosen settings in the creator's account. Raises `ExpiryNotInFutureError`."""
    if chosen.expires_at is not None and chosen.expires_at <= now:
        raise ExpiryNotInFutureError
    return ApiKey(
        id=key_id,
        account_id=creator.account_id,
        user_id=creator.user_id,
        name=chosen.name,
        description=chosen.description,
        prefix=key_format.display_prefix(prefix, key_id),
        key_prefix=key_format.leading_characters(prefix, key_id),
        scopes=tuple(dict.fromkeys(chosen.scopes)),
        stored_status="active",
        created_at=now,
        updated_at=now,
        expires_at=chosen.expires_at,
        other_owner_id=other_owner(chosen.owner_user_id, creator.user_id),
        follows_owner=chosen.follows_owner,
        profile_id=chosen.profile_id,
        rate_limit=chosen.rate_limit,
        credits=None if chosen.credits is None else chosen.credits.starting(now),
        ip_allow_list=tuple(dict.fromkeys(chosen.ip_allow_list)),
        metadata=chosen.metadata,
    )


def other_owner(chosen: str | None, creator: str) -> str | None:
    """The owner as stored in a key: None for the creator."""
    return None if chosen == creator else chosen


def create_key(
    chosen: KeySettings,
    *,
    profile: Profile | None,
    creator: Caller,
    prefix: str,
    catalogue: Catalogue,
    now: datetime,
    rng: Random,
) -> tuple[ApiKey, str]:
    """Create a key in the creator's account. Return the key and its full text, which is not stored anywhere.

    `profile` is the profile with the id `chosen.profile_id`. Raises the errors of `check_rights`, and
    `ExpiryNotInFutureError`.
    """
    check_rights(chosen.scopes, profile, creator=creator, catalogue=catalogue)
    key_id = UUID(int=rng.getrandbits(128), version=4)
    key = new_key(chosen, key_id, creator=creator, prefix=prefix, now=now)
    return key, key_format.issue_key_text(prefix, key_id, rng)


def check_rights(
    wanted: Sequence[str],
    profile: Profile | None,
    *,
    creator: Caller,
    catalogue: Catalogue,
    kept: Sequence[str] = (),
) -> None:
    """Check that the creator holds every scope of the new key. `kept` are the scopes that the key already has.

    Raises `UnknownScopesError` for new scopes outside the catalogue, then `ScopesBeyondCreatorError` and
    `ProfileBeyondCreatorError`.
    """
    unknown = catalogue.unknown(scope for scope in wanted if scope not in kept)
    if unknown:
        raise UnknownScopesError(tuple(at for at, scope in enumerate(wanted) if scope in unknown))
    beyond = tuple(at for at, scope in enumerate(wanted) if not creator.may(scope))
    if beyond:
        raise ScopesBeyondCreatorError(beyond)
    if profile is not None and not all(creator.may(scope) for scope in profile.grants_for(()).allowed):
        raise ProfileBeyondCreatorError
