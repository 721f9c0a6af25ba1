"""Optimistic locking: read, modify, write on condition, and retry on conflict."""

import time
from collections.abc import Callable
from random import Random
from typing import TypeVar

from latchhook.dependency_errors import ConflictRetriesExhaustedError

T = TypeVar("T")

ATTEMPTS = 8
_FIRST_WAIT_SECONDS = 0.01
_LONGEST_WAIT_SECONDS = 0.2


class ConflictError(Exception):
    """The item was changed between the read and the write."""


def retry_on_conflict(change: Callable[[], T], *, rng: Random, sleep: Callable[[float], None] = time.sleep) -> T:
    """Call `change`, which reads and writes, until it does not raise `ConflictError`. Return its result.

    Waits with full jitter between the retries, less than a second in total. Raises
    `ConflictRetriesExhaustedError` after eight conflicts.
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            longest = min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
            sleep(rng.uniform(0, longest))
        try:
            return change()
        except ConflictError:
            continue
    raise ConflictRetriesExhaustedError("the item changed before every write")
