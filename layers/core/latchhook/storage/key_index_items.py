"""Items of the indexes of API keys, and positions in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from latchhook.api_keys.api_key import Status
from latchhook.api_keys.key_format import display_prefix
from latchhook.clock import from_millis, to_millis
from latchhook.pages import InvalidPositionError, Position
from latchhook.storage.api_key_items import moment


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key as the index `byAccount` contains it."""

    id: UUID
    name: str
    prefix: str
    stored_status: Status
    expires_at: datetime | None
    position: Position

    def status_at(self, now: datetime) -> Status:
        """Return the status at a time. An expiry changes it without a write."""
        over = self.expires_at is not None and self.expires_at <= now
        return "expired" if self.stored_status == "active" and over else self.stored_status


def listed_key(item: Mapping[str, Any], text_prefix: str) -> ListedKey:
    """Read a key from an item of the index."""
    key_id = UUID(item["id"])
    prefix = item["shownPrefix"] if "shownPrefix" in item else display_prefix(text_prefix, key_id)
    expires_at = moment(item, "expiresAt")
    return ListedKey(key_id, item["name"], prefix, item["status"], expires_at, position_of(item))


def position_of(item: Mapping[str, Any]) -> Position:
    """Return the position after an item of an index."""
    return str(item["createdAt"]), item["id"]


def place_of(after: Position) -> dict[str, Any]:
    """Return the attributes of a position. Raises `InvalidPositionError`."""
    try:
        millis, key_id = after
        return {"createdAt": to_millis(from_millis(int(millis))), "id": str(UUID(key_id))}
    except (ValueError, OverflowError):
        raise InvalidPositionError from None
