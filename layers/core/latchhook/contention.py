"""Changing what others change too: read, change, and write if it still is as it was read."""

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
    """It is not as it was read any more: somebody else has changed it in between."""


def until_unchanged(change: Callable[[], T], *, rng: Random, sleep: Callable[[float], None] = time.sleep) -> T:
    """Does `change`, which reads and writes, again as long as it raises `ChangedError`; gives what it gives.

    Waits with full jitter in between, below a second in all. Raises `ContendedError` when others were first each time.
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            longest = min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
            sleep(rng.uniform(0, longest))
        try:
            return change()
        except ChangedError:
            continue
    raise ContendedError("others have changed it at every try")
