"""A page of a list, and the place where the next one starts."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

Position = tuple[str, ...]
"""What tells the last thing on a page from all others of its list; only the table that made it can read it."""


class InvalidPositionError(Exception):
    """A position that this list never gave."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Things newest first; `after` is None on the last page."""

    things: tuple[T, ...]
    after: Position | None
