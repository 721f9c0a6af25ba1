"""Time that passes only when everybody rests: threads take turns, so what happens is the same in every run."""

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
    """One rest of one thread, which ends once, whoever ends it."""

    def __init__(self) -> None:
        self.turn = threading.Semaphore(0)
        self.is_over = False


class VirtualTime:
    """Runs threads one at a time, each until it rests; also the `Threads` that a batch's attempts are made on."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.submitted = 0
        """How much work was given to threads."""
        self._rests: list[tuple[float, int, Rest]] = []
        self._number = count()
        self._handed_back = threading.Semaphore(0)
        self._error: BaseException | None = None

    def clock(self) -> datetime:
        """The moment that it is."""
        return NOW + timedelta(seconds=self.seconds)

    def start(self, work: Callable[[], None], *, after: float = 0) -> None:
        """Has `work` done by a thread of its own."""
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
        """Until nobody is left."""
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
        """The calling thread rests."""
        self.rest(Rest(), at_most=seconds)

    def rest(self, rest: Rest, *, at_most: float) -> None:
        """The calling thread rests until `wake`, at most so long."""
        self.wake(rest, self.seconds + at_most)
        self._handed_back.release()
        rest.turn.acquire()

    def wake(self, rest: Rest, at: float) -> None:
        """Ends a rest at a moment, in seconds, if it has not ended by then."""
        heappush(self._rests, (at, next(self._number), rest))

    def submit(self, work: Callable[[], R]) -> "Future[R]":
        """Has `work` done by a thread of its own."""
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
        """The calling thread rests until all have ended, at most so long."""
        end = self.seconds + seconds
        while not all(each.done() for each in running) and self.seconds < end:
            self._wait([each for each in running if not each.done()], end - self.seconds)

    def wait_for_one(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        """The calling thread rests until one has ended, at most so long."""
        if not any(each.done() for each in running):
            self._wait(running, seconds)

    def _wait(self, running: Collection["Future[Any]"], seconds: float) -> None:
        rest = Rest()
        for each in running:
            each.add_done_callback(lambda _: self.wake(rest, self.seconds))
        self.rest(rest, at_most=seconds)
