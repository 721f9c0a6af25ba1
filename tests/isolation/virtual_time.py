"""Time that passes only while all threads rest. Threads take turns, so every run has the same result."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar

from tests.samples import NOW

R = TypeVar("R")


class Rest:
    """A rest of a thread. It ends once."""

    def __init__(self) -> None:
        self.turn = threading.Semaphore(0)
        self.is_over = False


class VirtualTime:
    """A scheduler that runs one thread at a time until it rests. It is also the `Threads` of a batch's attempts."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.submitted = 0
        """The number of calls of `submit`."""
        self._rests: list[tuple[float, int, Rest]] = []
        self._number = count()
        self._handed_back = threading.Semaphore(0)
        self._error: BaseException | None = None

    def clock(self) -> datetime:
        """Return the current time."""
        return NOW + timedelta(seconds=self.seconds)

    def start(self, work: Callable[[], None], *, after: float = 0) -> None:
        """Run `work` in a new thread."""
        rest = Rest()

        def run() -> None:
            rest.turn.acquire()
            try:
                work()
            except BaseException as error:  # noqa: BLE001  # told where the test waits
                self._error = error
            self._handed_back.release()

        threading.Thread(target=run, daemon=True).start()
        self.wake(rest, self.seconds + after)

    def run(self) -> None:
        """Run until no threads are left."""
        while self._rests:
            at, _, rest = heappop(self._rests)
            if rest.is_over:
                continue
            rest.is_over = True
            self.seconds = at
            rest.turn.release()
            self._handed_back.acquire()
            if self._error is not None:
                raise self._error

    def sleep(self, seconds: float) -> None:
        """Let the calling thread rest."""
        self.rest(Rest(), at_most=seconds)

    def rest(self, rest: Rest, *, at_most: float) -> None:
        """Let the calling thread rest until `wake`, at most `at_most` seconds."""
        self.wake(rest, self.seconds + at_most)
        self._handed_back.release()
        rest.turn.acquire()

    def wake(self, rest: Rest, at: float) -> None:
        """End a rest at a time in seconds, unless it has ended before."""
        heappush(self._rests, (at, next(self._number), rest))

    def submit(self, work: Callable[[], R]) -> "Future[R]":
        """Run `work` in a new thread and return its future."""
        self.submitted += 1
        future: Future[R] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001  # whoever asks for the result is told
                future.set_exception(error)

        self.start(run)
        return future

    def wait_for_all(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        """Let the calling thread rest until all have ended, at most `seconds`."""
        end = self.seconds + seconds
        while not all(each.done() for each in running) and self.seconds < end:
            self._wait([each for each in running if not each.done()], end - self.seconds)

    def wait_for_one(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        """Let the calling thread rest until one has ended, at most `seconds`."""
        if not any(each.done() for each in running):
            self._wait(running, seconds)

    def _wait(self, running: Collection["Future[Any]"], seconds: float) -> None:
        rest = Rest()
        for each in running:
            each.add_done_callback(lambda _: self.wake(rest, self.seconds))
        self.rest(rest, at_most=seconds)
