"""Virtual time on greenlets: tasks take turns, and time passes only while all of them rest.

A run depends only on its seed: there are no threads, and tasks with equal times keep their order.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

from tests.samples import NOW

R = TypeVar("R")
_LOCK_POLL_SECONDS = 0.001


class KilledError(BaseException):
    """The end of this task's process. Every later call of the process raises it again."""


class Process:
    """The process of an invocation. Its tasks end together."""

    def __init__(self, name: str, *, started_at: float, timeout_seconds: float, crash_at: int | None = None) -> None:
        self.name = name
        self.started_at = started_at
        self.deadline = started_at + timeout_seconds
        self.crash_at = crash_at
        """The number of the call, from 0, at which the process crashes, or None."""
        self.crash_after_effect = False
        self.calls = 0
        self.is_dead = False
        self.had_fault = False
        """Whether it crashed, timed out, or had a failed call."""
        self.sent: list[Any] = []
        """The messages that it sent."""
        self.tasks: dict[Task, None] = {}
        self.ended: Rest | None = None
        """The rest of the task that waits for the end."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time, as Lambda's context does."""
        return int((self.deadline - self.time.seconds) * 1000)

    time: "VirtualTime"


class Task(greenlet):  # type: ignore[misc]
    """A thread of a process, or of the simulation itself if it has no process."""

    process: Process | None = None


class Rest:
    """A rest of a task. It ends once."""

    __slots__ = ("is_over", "task")

    def __init__(self, task: greenlet) -> None:
        self.task = task
        self.is_over = False


class VirtualTime:
    """A scheduler that runs one task at a time until it rests."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._rests: list[tuple[float, int, Rest]] = []
        self._number = count()
        self._hub = getcurrent()

    def clock(self) -> datetime:
        """Return the current time."""
        return NOW + timedelta(seconds=self.seconds)

    @property
    def process(self) -> Process | None:
        """The process of the running task."""
        return getattr(getcurrent(), "process", None)

    def start(self, work: Callable[[], Any], *, after: float = 0, process: Process | None = None) -> None:
        """Run `work` in a new task."""

        def run() -> None:
            try:
                work()
            except KilledError:
                pass
            finally:
                if process is not None:
                    process.tasks.pop(task, None)

        task = Task(run, self._hub)
        if process is not None:
            task.process = process
            process.tasks[task] = None
        self._push(self.seconds + after, Rest(task))

    def run(self, *, until: float | None = None) -> bool:
        """Run tasks until a time or until all have ended. Return True if nothing is left to do."""
        self._hub = getcurrent()
        while self._rests:
            at, _, rest = self._rests[0]
            if until is not None and at > until:
                self.seconds = until
                return False
            heappop(self._rests)
            if rest.is_over or rest.task.dead:
                continue
            rest.is_over = True
            self.seconds = max(self.seconds, at)
            rest.task.parent = self._hub
            rest.task.switch()
        return True

    def sleep(self, seconds: float) -> None:
        """Let the running task rest."""
        self.rest(self.new_rest(), at_most=seconds)

    def new_rest(self) -> Rest:
        """Create a rest of the running task."""
        return Rest(getcurrent())

    def rest(self, rest: Rest, *, at_most: float | None = None) -> None:
        """Let the running task rest until `wake`, at most `at_most` seconds."""
        process = self.process
        if process is not None and process.is_dead:
            raise KilledError
        if at_most is not None:
            self._push(self.seconds + at_most, rest)
        self._hub.switch()

    def wake(self, rest: Rest) -> None:
        """End a rest now, unless it has ended."""
        if not rest.is_over:
            self._push(self.seconds, rest)

    def kill(self, process: Process) -> None:
        """End a process at once. If the running task belongs to it, the caller must raise `KilledError`."""
        process.is_dead = process.had_fault = True
        here = getcurrent()
        for task in list(process.tasks):
            if task is not here and not task.dead:
                task.parent = here
                task.throw(KilledError)
        process.tasks.clear()
        if process.ended is not None:
            self.wake(process.ended)

    def _push(self, at: float, rest: Rest) -> None:
        heappush(self._rests, (at, next(self._number), rest))


class TaskFuture(Future[R]):
    """A future whose result a task can await."""

    time: VirtualTime

    def result(self, timeout: float | None = None) -> R:
        self._wait(timeout)
        return super().result(0)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._wait(timeout)
        return super().exception(0)

    def _wait(self, timeout: float | None) -> None:
        if not self.done():
            wait_in(self.time, [self], timeout)


def wait_in(
    time: VirtualTime, futures: Iterable["Future[Any]"], timeout: float | None = None, return_when: str = "all"
) -> tuple[set["Future[Any]"], set["Future[Any]"]]:
    """Wait for futures like `concurrent.futures.wait`, in virtual time."""
    futures = list(futures)
    end = None if timeout is None else time.seconds + timeout

    def is_over() -> bool:
        left = [each for each in futures if not each.done()]
        return not left or (return_when == FIRST_COMPLETED and len(left) < len(futures))

    while not is_over() and (end is None or time.seconds < end):
        rest = time.new_rest()

        def wake(_: object, rest: Rest = rest) -> None:
            time.wake(rest)

        for each in futures:
            if not each.done():
                each.add_done_callback(wake)
        time.rest(rest, at_most=None if end is None else end - time.seconds)
    done = {each for each in futures if each.done()}
    return done, set(futures) - done


class TaskExecutor:
    """`ThreadPoolExecutor` in virtual time. The tasks belong to the process that submits them."""

    time: VirtualTime

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> "TaskExecutor":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, work: Callable[..., R], /, *args: Any, **kwargs: Any) -> "Future[R]":
        future: TaskFuture[R] = TaskFuture()
        future.time = self.time

        def run() -> None:
            try:
                result = work(*args, **kwargs)
            except KilledError:
                raise
            except BaseException as error:  # noqa: BLE001  # the future tells its reader
                future.set_exception(error)
            else:
                future.set_result(result)

        self.time.start(run, process=self.time.process)
        return future

    def map(self, work: Callable[..., R], *iterables: Iterable[Any]) -> Iterator[R]:
        futures = [self.submit(work, *args) for args in zip(*iterables, strict=False)]
        return iter([future.result() for future in futures])

    def shutdown(self, *_: object, **__: object) -> None:
        pass


class TaskLock:
    """`threading.Lock` in virtual time. Other tasks run while a task waits for the lock."""

    time: VirtualTime

    def __init__(self) -> None:
        self._is_held = False

    def __enter__(self) -> "TaskLock":
        while self._is_held:
            self.time.sleep(_LOCK_POLL_SECONDS)
        self._is_held = True
        return self

    def __exit__(self, *_: object) -> None:
        self._is_held = False
