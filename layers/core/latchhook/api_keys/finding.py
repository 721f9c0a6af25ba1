"""Search an account's keys by status, by name and by the public part of the key text."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import Status
from latchhook.names import comparable

MAX_SEARCH_LENGTH = 100


class Findable(Protocol):
    """The fields of a key that a search compares."""

    @property
    def id(self) -> UUID:
        """The key's id. The key text contains it after the prefix."""

    @property
    def name(self) -> str:
        """The key's display name."""

    @property
    def prefix(self) -> str:
        """The first characters of the key text."""

    def status_at(self, now: datetime) -> Status:
        """The key's status at `now`."""


@dataclass(frozen=True, slots=True)
class Search:
    """Conditions of a search. None means no condition."""

    status: Status | None = None
    text: str | None = None
    """Part of the name, compared case-folded in NFC, or part of the public characters of the key text."""

    def __bool__(self) -> bool:
        return self.status is not None or self.text is not None

    def finds(self, key: Findable, now: datetime) -> bool:
        """Return whether the key meets the conditions."""
        return (self.status is None or key.status_at(now) == self.status) and (
            self.text is None or comparable(self.text) in comparable(key.name) or self.text in _public_text(key)
        )


def _public_text(key: Findable) -> str:
    """The characters of the key text that contain its id. For an imported key, the characters given at the import."""
    body = key_format.base62_encode(key.id.int, key_format.ID_LENGTH)
    return key.prefix[:-4] + body if key.prefix.endswith(body[:4]) else key.prefix
