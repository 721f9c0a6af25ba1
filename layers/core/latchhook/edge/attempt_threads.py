"""The threads on which a batch's attempts are made, as long-lived as the environment."""

import time
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Protocol, TypeVar

R = TypeVar("R")


class Threads(Protocol):
    """Does work at once."""

    def submit(self, work: Callable[[], R]) -> "Future[R]":
        """Has `work` done on a thread."""

    def wait_for_all(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        """Waits until all have ended, at most so long."""

    def wait_for_one(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        """Waits until one has ended, at most so long."""

    def sleep(self, seconds: float) -> None:
        """Lets the calling thread rest."""


class AttemptThreads:
    """Real ones, `count` of them."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="attempt")

    def submit(self, work: Callable[[], R]) -> "Future[R]":
        """Has `work` done on a thread."""
        return self._pool.submit(work)

    def wait_for_all(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        """Waits until all have ended, at most so long."""
        wait(running, timeout=seconds)

    def wait_for_one(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        """Waits until one has ended, at most so long."""
        wait(running, timeout=seconds, return_when=FIRST_COMPLETED)

    def sleep(self, seconds: float) -> None:
        """Lets the calling thread rest."""
        time.sleep(seconds)
