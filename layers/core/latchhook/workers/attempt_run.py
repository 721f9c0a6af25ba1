"""The run of a batch's attempts: sent in parallel, and recorded together if they end together.

Threads send the attempts, record them, and do the follow-up work after failures. Only the batch's main thread changes
the run's state. It also watches Lambda's remaining time.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from latchhook.clock import Clock
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.telemetry import log_failure, logger
from latchhook.webhooks.attempts import AttemptMaker, MadeAttempt, NoAttempt
from latchhook.webhooks.delivery import Attempt
from latchhook.webhooks.webhook import Webhook
from latchhook.workers.attempt_threads import Threads
from latchhook.workers.attempt_work import Work
from latchhook.workers.slow_calls import SlowCalls

QUICK_SECONDS = 0.003
"""One thread makes a batch's calls for this many seconds. Then each remaining call gets its own thread.

Ten calls to a receiver with low latency take less time on one thread than on ten, which share one interpreter.
"""

TOGETHER = timedelta(milliseconds=20)
"""A finished attempt waits this long to be recorded with others, unless no other attempt is being sent."""

LAST_SECONDS = 1.0
"""A batch returns this long before Lambda's timeout, even with unfinished attempts."""


class AttemptRun:
    """Makes the attempts in `waits`, each after its number of seconds."""

    def __init__(
        self, maker: AttemptMaker, threads: Threads, slow_calls: SlowCalls, clock: Clock, waits: Mapping[Work, float]
    ) -> None:
        self._maker = maker
        self._threads = threads
        self._slow_calls = slow_calls
        self._clock = clock
        self._waits = waits
        self._unsent = deque(sorted(waits, key=waits.__getitem__))
        self._left = {work.message_id: work for work in waits}
        self._under_way: dict[Future[Any], Callable[[Future[Any]], None]] = {
            work.sent: partial(self._sent, work) for work in waits
        }
        """The running work, each with the function to call when it has ended."""
        self._sending = len(waits)
        self._ended: list[tuple[Work, Webhook, Attempt]] = []
        self._record_at: datetime | None = None
        """The latest time to record the finished attempts. None without finished attempts."""

    def send_and_record(self, context: Any) -> list[str]:
        """Send the attempts, record them and do the follow-up work.

        Return the messages that SQS must deliver again, after internal errors or lack of time.
        """
        self._send_on_threads(1)
        self._threads.wait_for_all(self._under_way, seconds=QUICK_SECONDS)
        self._send_on_threads(len(self._unsent))
        while self._go_on() and (left := context.get_remaining_time_in_millis() / 1000 - LAST_SECONDS) > 0:
            self._threads.wait_for_one(self._under_way, seconds=min(left, self._until_next_look()))
        if self._under_way or self._ended:
            self._stop()
        self._slow_calls.end()
        return list(self._left)

    def _stop(self) -> None:
        """Record the finished attempts while time is left, and start no more. Threads finish running attempts."""
        for work in self._waits:
            if work.sent.cancel():
                del self._under_way[work.sent]
                self._sending -= 1
        self._go_on()
        self._threads.wait_for_all(self._under_way, seconds=LAST_SECONDS / 2)
        self._go_on()
        logger.warning("not enough time left to finish a batch", extra={"messages": len(self._left)})

    def _send_on_threads(self, count: int) -> None:
        for _ in range(min(count, len(self._unsent))):
            self._threads.submit(self._send_all)

    def _send_all(self) -> None:
        """Send attempts on one thread until no unsent attempt remains."""
        while self._unsent:
            try:
                work = self._unsent.popleft()
            except IndexError:  # another thread took the last attempt
                return
            if wait_seconds := self._waits[work]:
                self._threads.sleep(wait_seconds)
            if not work.sent.cancelled():
                self._send_one(work)

    def _send_one(self, work: Work) -> None:
        try:
            attempt = self._maker.send(work.task, work.prepared, work.call)
        except BaseException as error:  # noqa: BLE001  # the future passes the error on
            try:
                work.sent.set_exception(error)
            except InvalidStateError:
                log_failure("internal error in a late attempt", error, message_id=work.message_id, **work.facts)
            return
        try:
            work.sent.set_result(attempt)
        except InvalidStateError:
            self._record_late(work, attempt)

    def _record_late(self, work: Work, attempt: Attempt | NoAttempt) -> None:
        """Record an attempt that finished after the batch. The message's next run finds the record."""
        if isinstance(attempt, Attempt) and work.webhook is not None:
            try:
                self._maker.conclude(attempt, work.webhook, self._maker.record(attempt))
            except BaseException as error:  # noqa: BLE001  # the batch is over, so only log the error
                log_failure("recording a late attempt failed", error, message_id=work.message_id, **work.facts)

    def _go_on(self) -> bool:
        """Process ended work and record finished attempts if due. Return False if no work is running."""
        for future in [each for each in self._under_way if each.done()]:
            self._under_way.pop(future)(future)
        if self._record_at is not None and (not self._sending or self._clock() >= self._record_at):
            self._record()
        return bool(self._under_way)

    def _record(self) -> None:
        together, self._ended, self._record_at = self._ended, [], None
        self._start(
            partial(self._maker.records.record, [attempt for _, _, attempt in together]),
            partial(self._recorded, together),
        )

    def _until_next_look(self) -> float:
        now = self._clock()
        seconds = self._slow_calls.look(now)
        if self._record_at is not None:
            seconds = min(seconds, max(0.0, (self._record_at - now).total_seconds()))
        return seconds

    def _start(self, work: Callable[[], Any], then: "Callable[[Future[Any]], None]") -> None:
        self._under_way[self._threads.submit(work)] = then

    def _sent(self, work: Work, sent: "Future[Attempt | NoAttempt]") -> None:
        self._sending -= 1
        if (error := sent.exception()) is not None:  # the error of one attempt must not stop the others
            log_failure("internal error in an attempt", error, message_id=work.message_id, **work.facts)
            return
        attempt = sent.result()
        if work.webhook is None or not isinstance(attempt, Attempt):
            logger.info("attempt skipped", extra={**work.facts, "account_id": work.task.account_id, "reason": attempt})
            del self._left[work.message_id]
            return
        self._slow_calls.took(work, attempt)
        self._ended.append((work, work.webhook, attempt))
        self._record_at = self._record_at or self._clock() + TOGETHER

    def _recorded(
        self,
        together: Sequence[tuple[Work, Webhook, Attempt]],
        recorded: "Future[Sequence[MadeAttempt | DependencyUnavailableError]]",
    ) -> None:
        if (error := recorded.exception()) is not None:  # after any error, the messages must not be lost
            log_failure("recording attempts failed", error, messages=len(together))
            return
        for (work, webhook, attempt), made in zip(together, recorded.result(), strict=True):
            if isinstance(made, DependencyUnavailableError):
                log_failure("recording an attempt failed", made, message_id=work.message_id, **work.facts)
                continue
            _log(work, attempt)
            if self._maker.is_done(attempt, webhook, made):
                del self._left[work.message_id]
            else:
                self._start(partial(self._maker.conclude, attempt, webhook, made), partial(self._concluded, work))

    def _concluded(self, work: Work, concluded: "Future[None]") -> None:
        if (error := concluded.exception()) is not None:  # the next run finds the record and does the follow-up work
            log_failure("follow-up work of an attempt failed", error, message_id=work.message_id, **work.facts)
        else:
            del self._left[work.message_id]


def _log(work: Work, attempt: Attempt) -> None:
    logger.info(
        "attempt",
        extra={
            **work.facts,
            "account_id": work.task.account_id,
            "outcome": attempt.status,
            "response_status": attempt.response_status,
            "total_ms": attempt.timings_ms.get("total"),
        },
    )
