"""Finding keys in an account's list: by status, and by what stands in the name or at the beginning of the key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from latchhook.api_keys import key_format
from latchhook.api_keys.api_key import Status
from latchhook.names import comparable

MAX_SEARCH_LENGTH = 100


class Findable(Protocol):
    """What a search looks at."""

    @property
    def id(self) -> UUID:
        """The key's id, which its text begins with."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def prefix(self) -> str:
        """The first characters of its text."""

    def status_at(self, now: datetime) -> Status:
        """Its status."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a list is asked for; what is None is not asked."""

    status: Status | None = None
    text: str | None = None
    """In the name, compared case-folded in NFC, or in the public characters of the key's own text."""

    def __bool__(self) -> bool:
        return self.status is not None or self.text is not None

    def finds(self, key: Findable, now: datetime) -> bool:
        """Whether a key is asked for."""
        return (self.status is None or key.status_at(now) == self.status) and (
            self.text is None or comparable(self.text) in comparable(key.name) or self.text in _public_text(key)
        )


def _public_text(key: Findable) -> str:
    """The characters of a key's text that hold its id; of an imported key, those that were given with it."""
    body = key_format.base62_encode(key.id.int, key_format.ID_LENGTH)
    return key.prefix[:-4] + body if key.prefix.endswith(body[:4]) else key.prefix
