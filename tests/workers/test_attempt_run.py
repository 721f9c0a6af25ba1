"""The attempts of a batch when Lambda's time ends or when an attempt ends unexpectedly."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.webhooks.attempts import MadeAttempt, Prepared
from latchhook.webhooks.delivery import Attempt, DeliveryTask
from latchhook.webhooks.outcome import HttpOutcome
from latchhook.webhooks.slowness import Slowness
from latchhook.workers.attempt_run import LAST_SECONDS, AttemptRun
from latchhook.workers.attempt_work import Work
from latchhook.workers.slow_calls import SlowCalls
from tests.samples import MovableClock, event, webhook
from tests.workers.test_delivery_batch import TASKS, TIMEOUT_SECONDS, Outside, attempt_maker

R = TypeVar("R")


@dataclass
class StepByStep:
    """Threads that run their work when waited for, or, while they are busy, when a test calls `do_all`."""

    is_busy: bool = False
    work: deque[Callable[[], None]] = field(default_factory=deque)

    def submit(self, work: Callable[[], R]) -> "Future[R]":
        future: Future[R] = Future()

        def done() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001  # as a pool does
                future.set_exception(error)

        self.work.append(done)
        return future

    def wait_for_all(self, running: Collection["Future[Any]"], *, seconds: float) -> None:
        if not self.is_busy:
            self.do_all()

    wait_for_one = wait_for_all

    def sleep(self, seconds: float) -> None:
        """Return at once."""

    def do_all(self) -> None:
        while self.work:
            self.work.popleft()()


class Context:
    """A Lambda context that reports these remaining times in turn. It calls `at_last` with the one that ends the
    batch.
    """

    def __init__(self, *seconds: float, at_last: Callable[[], None] = lambda: None) -> None:
        self._seconds: Iterator[float] = iter(seconds)
        self._at_last = at_last

    def get_remaining_time_in_millis(self) -> int:
        seconds = next(self._seconds)
        if seconds <= LAST_SECONDS:
            self._at_last()
        return int(seconds * 1000)


def _run(outside: Outside, threads: StepByStep, context: Context) -> list[str]:
    return _attempt_run(outside, threads).send_and_record(context)


def _attempt_run(outside: Outside, threads: StepByStep) -> AttemptRun:
    clock = MovableClock()
    works = [
        Work(f"m{number}", task, Prepared(webhook(), event(task.event_id), None), webhook())
        for number, task in enumerate(TASKS[:2])
    ]
    slow_calls = SlowCalls(Slowness(outside, TIMEOUT_SECONDS), works)
    return AttemptRun(attempt_maker(outside, clock), threads, slow_calls, clock, dict.fromkeys(works, 0.0))


def test_attempt_that_ends_with_the_time_is_recorded() -> None:
    outside, threads = Outside(), StepByStep(is_busy=True)

    def at_last() -> None:
        threads.is_busy = False
        threads.work.popleft()()

    assert _run(outside, threads, Context(LAST_SECONDS, at_last=at_last)) == []
    assert len(outside.recorded) == len(outside.sent) == 2


def test_attempt_not_started_when_the_time_ends_is_not_sent() -> None:
    outside, threads = Outside(), StepByStep(is_busy=True)
    assert _run(outside, threads, Context(LAST_SECONDS)) == ["m0", "m1"]
    threads.do_all()
    assert (outside.sent, outside.recorded) == ([], [])


def test_attempt_in_progress_when_the_time_ends_is_recorded_by_its_thread() -> None:
    def post(delivery_id: str) -> HttpOutcome:
        if delivery_id == str(TASKS[0].delivery_id):
            again.extend(run.send_and_record(Context(LAST_SECONDS)))
        return HttpOutcome(200)

    outside, threads, again = Outside(post), StepByStep(is_busy=True), list[str]()
    run = _attempt_run(outside, threads)
    threads.submit(run._send_all)  # the thread of the attempt in progress
    threads.do_all()
    assert again == ["m0", "m1"]
    assert outside.sent == [str(each.task.delivery_id) for each in outside.recorded] == [str(TASKS[0].delivery_id)]


class PanicError(BaseException):
    """An error of a Rust library, which is not an `Exception`."""


@pytest.mark.parametrize("where", ["post", "plan"])
@pytest.mark.parametrize("error", [SystemExit(), PanicError(), ValueError()])
def test_any_error_of_an_attempt_leaves_the_other_attempts_unaffected(error: BaseException, where: str) -> None:
    class Faulty(Outside):
        def plan(self, task: DeliveryTask, **_: Any) -> None:
            raise error

    def post(delivery_id: str) -> HttpOutcome:
        if delivery_id != str(TASKS[0].delivery_id):
            return HttpOutcome(200)
        if where == "post":
            raise error
        return HttpOutcome(500)

    outside = Faulty(post)
    assert _run(outside, StepByStep(), Context(20.0, 20.0, 20.0)) == ["m0"]
    recorded = [str(each.task.delivery_id) for each in outside.recorded]
    assert recorded == [str(each.delivery_id) for each in TASKS[where == "post" : 2]]


def test_error_while_recording_returns_all_messages() -> None:
    class Faulty(Outside):
        def record(self, attempts: Sequence[Attempt]) -> Sequence[MadeAttempt | DependencyUnavailableError]:
            raise PanicError

    assert _run(Faulty(), StepByStep(), Context(20.0, 20.0)) == ["m0", "m1"]
