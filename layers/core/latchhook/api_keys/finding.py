"""Search an account's keys by their public properties."""

from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import ApiKey, Status
from latchhook.names import comparable

MAX_SEARCH_LENGTH = 100


class Findable(Protocol):
    """The fields of a key that the index of an account's keys contains."""

    @property
    def id(self) -> UUID:
        """The key's id. The key text contains it after the prefix."""

    @property
    def name(self) -> str:
        """The key's display name."""

    @property
    def prefix(self) -> str:
        """The first characters of the key text."""

    @property
    def expires_at(self) -> datetime | None:
        """The time from which the key is refused."""

    def status_at(self, now: datetime) -> Status:
        """The key's status at `now`."""


@dataclass(frozen=True, slots=True)
class Search:
    """Conditions of a search. A key must meet every condition that is not None."""

    status: Status | None = None
    text: str | None = None
    """Part of the name, compared case-folded in NFC, or part of the public characters of the key text."""
    owner_user_id: str | None = None
    created_by: str | None = None
    """The user who created the key. If a key created it, that key's user."""
    unused_since: datetime | None = None
    """The key was neither used nor created at or after this time."""
    expires_before: datetime | None = None
    rotated_before: datetime | None = None
    """The current secret was made before this time, by the last rotation or with the key."""
    scope: str | None = None
    """A scope or wildcard, exactly as it is in the key's list of scopes."""

    def __bool__(self) -> bool:
        return any(condition is not None for condition in astuple(self))

    @property
    def needs_keys(self) -> bool:
        """Whether the index cannot decide, because it does not contain every compared field."""
        others = (self.owner_user_id, self.created_by, self.unused_since, self.rotated_before, self.scope)
        return any(condition is not None for condition in others)

    def may_find(self, key: Findable, now: datetime) -> bool:
        """Return whether the key meets the conditions on the fields of the index."""
        return (
            (self.status is None or key.status_at(now) == self.status)
            and (self.text is None or comparable(self.text) in comparable(key.name) or self.text in _public_text(key))
            and (self.expires_before is None or (key.expires_at is not None and key.expires_at < self.expires_before))
        )

    def finds(self, key: ApiKey, now: datetime) -> bool:
        """Return whether the key meets all conditions."""
        return (
            self.may_find(key, now)
            and self.owner_user_id in (None, key.owner_user_id)
            and self.created_by in (None, key.user_id)
            and (self.unused_since is None or (key.last_used_at or key.created_at) < self.unused_since)
            and (self.rotated_before is None or (key.rotated_at or key.created_at) < self.rotated_before)
            and (self.scope is None or self.scope in key.scopes)
        )


ANY_KEY = Search()


def _public_text(key: Findable) -> str:
    """The characters of the key text that contain its id. For an imported key, the characters given at the import."""
    body = key_format.base62_encode(key.id.int, key_format.ID_LENGTH)
    return key.prefix[:-4] + body if key.prefix.endswith(body[:4]) else key.prefix
