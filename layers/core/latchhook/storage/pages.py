"""A page of a list, and the place where the next one starts."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Position:
    """The last thing on a page: its time in epoch milliseconds, and its id, by which ties are told apart."""

    millis: int
    id: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Things newest first; `after` is None on the last page."""

    things: tuple[T, ...]
    after: Position | None
