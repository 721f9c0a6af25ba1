"""Caches the names of the scopes that the operator added to the catalogue."""

from typing import Protocol

from latchhook.clock import Clock

LONGEST_SECONDS = 60
"""The lifetime of the cached names."""


class ScopeNames(Protocol):
    """The storage of the catalogue's entries."""

    def names(self) -> frozenset[str]:
        """Read the names of all entries, strongly consistent."""


class AddedScopeCache:
    """Reads the names once a minute, and whenever a request names a scope that is not among them."""

    def __init__(self, store: ScopeNames, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._names: frozenset[str] = frozenset()
        self._read_at: float | None = None

    def recent(self) -> frozenset[str]:
        """Return the names, at most 60 seconds old."""
        if self._read_at is None or self._clock().timestamp() - self._read_at >= LONGEST_SECONDS:
            return self.current()
        return self._names

    def current(self) -> frozenset[str]:
        """Read the names and cache them."""
        now = self._clock().timestamp()
        self._names = self._store.names()
        self._read_at = now
        return self._names
