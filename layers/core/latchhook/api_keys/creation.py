"""Making a key: what it may be given, and its secret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.errors import ExpiryNotInFutureError, ScopesBeyondCreatorError, UnknownScopesError
from latchhook.identity.caller import Caller
from latchhook.permissions.scopes import Catalogue

DEFAULT_NAME = "API Key"
"""Document 000: the name of a key that was given none."""


@dataclass(frozen=True, slots=True)
class KeySettings:
    """What a creator chooses. The shapes (lengths, counts) are the schema's to check, the meaning is checked here."""

    name: str = DEFAULT_NAME
    description: str | None = None
    scopes: Sequence[str] = ()
    expires_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


def create_key(
    chosen: KeySettings, *, creator: Caller, prefix: str, catalogue: Catalogue, now: datetime, rng: Random
) -> tuple[ApiKey, str]:
    """A new key in the creator's account and its full text, which exists nowhere else.

    Raises `UnknownScopesError`, `ScopesBeyondCreatorError` (contracts.md: a key can never grant more than its
    creator holds) and `ExpiryNotInFutureError`.
    """
    check_scopes(chosen.scopes, creator=creator, catalogue=catalogue)
    if chosen.expires_at is not None and chosen.expires_at <= now:
        raise ExpiryNotInFutureError
    key_id = UUID(int=rng.getrandbits(128), version=4)
    key = ApiKey(
        id=key_id,
        account_id=creator.account_id,
        user_id=creator.actor_id,
        name=chosen.name,
        description=chosen.description,
        prefix=key_format.display_prefix(prefix, key_id),
        key_prefix=key_format.leading_characters(prefix, key_id),
        scopes=tuple(dict.fromkeys(chosen.scopes)),
        stored_status="active",
        created_at=now,
        updated_at=now,
        expires_at=chosen.expires_at,
        last_used_at=None,
        revoked_at=None,
        daily_requests={},
        metadata=chosen.metadata,
    )
    return key, key_format.issue_key_text(prefix, key_id, rng)


def check_scopes(wanted: Sequence[str], *, creator: Caller, catalogue: Catalogue) -> None:
    """Raises for scopes that are not in the catalogue, then for scopes that the creator does not hold."""
    unknown = tuple(at for at, scope in enumerate(wanted) if scope not in catalogue.everything)
    if unknown:
        raise UnknownScopesError(unknown)
    beyond = tuple(at for at, scope in enumerate(wanted) if not creator.may(scope))
    if beyond:
        raise ScopesBeyondCreatorError(beyond)
