"""The cache of added scopes."""

from datetime import datetime, timedelta

from latchhook.permissions.added_scopes import LONGEST_SECONDS, AddedScopeCache
from tests.samples import NOW


class Stored:
    """Names in the table. Counts the reads."""

    def __init__(self) -> None:
        self.all: set[str] = set()
        self.reads = 0

    def names(self) -> frozenset[str]:
        self.reads += 1
        return frozenset(self.all)


class Moving:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def test_names_are_read_once_a_minute() -> None:
    stored, clock = Stored(), Moving()
    cache = AddedScopeCache(stored, clock=clock)
    assert cache.recent() == set()

    stored.all.add("reports:read")
    clock.now += timedelta(seconds=LONGEST_SECONDS) - timedelta.resolution
    assert cache.recent() == set()
    assert stored.reads == 1

    clock.now += timedelta.resolution
    assert cache.recent() == {"reports:read"}
    assert stored.reads == 2


def test_current_names_are_read_and_remembered() -> None:
    stored, clock = Stored(), Moving()
    cache = AddedScopeCache(stored, clock=clock)
    cache.recent()

    stored.all.add("reports:read")
    assert cache.current() == {"reports:read"}
    assert cache.recent() == {"reports:read"}
    assert stored.reads == 2
