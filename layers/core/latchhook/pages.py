"""A page of a list, and the position of the next page."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

Position = tuple[str, ...]
"""Identifies the last item of a page within its list. Only the table that created a position can read it."""


class InvalidPositionError(Exception):
    """The position does not belong to this list."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items, newest first. `after` is None on the last page."""

    items: tuple[T, ...]
    after: Position | None
