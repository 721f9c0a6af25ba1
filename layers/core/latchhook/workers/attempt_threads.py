"""The threads that make a batch's attempts. They live as long as the environment."""

import time
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Protocol, TypeVar

R = TypeVar("R")


class Threads(Protocol):
    """Runs work in parallel."""

    def submit(self, work: Callable[[], R]) -> "Future[R]":
        """Run `work` on a thread."""

    def wait_for_all(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        """Wait until all have ended, at most `seconds`."""

    def wait_for_one(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        """Wait until at least one has ended, at most `seconds`."""

    def sleep(self, seconds: float) -> None:
        """Pause the calling thread."""


class AttemptThreads:
    """A pool of `count` threads."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="attempt")

    def submit(self, work: Callable[[], R]) -> "Future[R]":
        """Run `work` on a thread."""
        return self._pool.submit(work)

    def wait_for_all(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        """Wait until all have ended, at most `seconds`."""
        wait(running, timeout=seconds)

    def wait_for_one(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        """Wait until at least one has ended, at most `seconds`."""
        wait(running, timeout=seconds, return_when=FIRST_COMPLETED)

    def sleep(self, seconds: float) -> None:
        """Pause the calling thread."""
        time.sleep(seconds)
