"""Optimistic locking: read, modify, write on condition, and retry on conflict."""

import time
from collections.abc import Callable
from random import Random
from typing import TypeVar

from latchhook.outages import ContendedError

T = TypeVar("T")

ATTEMPTS = 8
_FIRST_WAIT_SECONDS = 0.01
_LONGEST_WAIT_SECONDS = 0.2


class ChangedError(Exception):
    """The item was changed between the read and the write."""


def until_unchanged(change: Callable[[], T], *, rng: Random, sleep: Callable[[float], None] = time.sleep) -> T:
    """Call `change`, which reads and writes, until it does not raise `ChangedError`. Return its result.

    Waits with full jitter between the attempts, less than a second in total. Raises `ContendedError` after eight
    conflicts.
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            longest = min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
            sleep(rng.uniform(0, longest))
        try:
            return change()
        except ChangedError:
            continue
    raise ContendedError("the item changed during each of the attempts to write it")
