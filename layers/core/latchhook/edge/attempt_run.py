"""The attempts of a batch while they are made: sent at once, recorded together where they end together.

Sending is done on threads, and so is recording and what follows from a failure; what runs and what comes next is kept
by the batch's own thread alone, which watches Lambda's time meanwhile.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from latchhook.clock import Clock
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.attempt_threads import Threads
from latchhook.edge.attempt_work import Work
from latchhook.edge.slow_calls import SlowCalls
from latchhook.telemetry import log_failure, logger
from latchhook.webhooks.attempts import AttemptMaker, MadeAttempt, NoAttempt
from latchhook.webhooks.delivery import Attempt
from latchhook.webhooks.webhook import Webhook

QUICK_SECONDS = 0.003
"""One thread makes a batch's calls until one of them takes longer; then each of the others has a thread of its own.

To a receiver next door ten calls take a thread less time than ten threads, which share one interpreter.
"""

TOGETHER = timedelta(milliseconds=20)
"""An attempt waits so long for others to be recorded with it, unless no other is being sent."""

LAST_SECONDS = 1.0
"""So long before Lambda's end a batch answers, whatever is not finished."""


class AttemptRun:
    """Makes the attempts of `waits`, each after so many seconds."""

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
        """What runs, and what is to be done when it has ended."""
        self._sending = len(waits)
        self._ended: list[tuple[Work, Webhook, Attempt]] = []
        self._record_at: datetime | None = None
        """When what has ended is recorded at the latest."""

    def finish(self, context: Any) -> list[str]:
        """Gives the messages that must come again: our own fault, or Lambda's time is running out."""
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
        """Records what was sent, as far as there is time; what is being sent is its thread's, and no more is begun."""
        for work in self._waits:
            if work.sent.cancel():
                del self._under_way[work.sent]
                self._sending -= 1
        self._go_on()
        self._threads.wait_for_all(self._under_way, seconds=LAST_SECONDS / 2)
        self._go_on()
        logger.warning("no time left to finish a batch's attempts", extra={"messages": len(self._left)})

    def _send_on_threads(self, count: int) -> None:
        for _ in range(min(count, len(self._unsent))):
            self._threads.submit(self._send_all)

    def _send_all(self) -> None:
        """One thread's work: whatever has no thread yet."""
        while self._unsent:
            try:
                work = self._unsent.popleft()
            except IndexError:  # another thread's by now
                return
            if wait_seconds := self._waits[work]:
                self._threads.sleep(wait_seconds)
            if not work.sent.cancelled():
                self._send_one(work)

    def _send_one(self, work: Work) -> None:
        try:
            attempt = self._maker.send(work.task, work.prepared, work.call)
        except BaseException as error:  # noqa: BLE001  # whoever asks for the result is told
            try:
                work.sent.set_exception(error)
            except InvalidStateError:
                log_failure("a late attempt failed on our side", error, message_id=work.message_id, **work.facts)
            return
        try:
            work.sent.set_result(attempt)
        except InvalidStateError:
            self._record_late(work, attempt)

    def _record_late(self, work: Work, attempt: Attempt | NoAttempt) -> None:
        """The batch is over and its message will come again: then it finds the record."""
        if isinstance(attempt, Attempt) and work.webhook is not None:
            try:
                self._maker.conclude(attempt, work.webhook, self._maker.record(attempt))
            except BaseException as error:  # noqa: BLE001  # there is nobody left to tell
                log_failure("recording a late attempt failed", error, message_id=work.message_id, **work.facts)

    def _go_on(self) -> bool:
        """Does what is to be done next; False when all is done."""
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
        if (error := sent.exception()) is not None:  # whatever it is: one attempt's fault is not its neighbours'
            log_failure("attempt failed on our side", error, message_id=work.message_id, **work.facts)
            return
        attempt = sent.result()
        if work.webhook is None or not isinstance(attempt, Attempt):
            logger.info("no attempt", extra={**work.facts, "account_id": work.task.account_id, "reason": attempt})
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
        if (error := recorded.exception()) is not None:  # whatever stopped it, the messages must not be lost
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
        if (error := concluded.exception()) is not None:  # the next run finds the record, and concludes
            log_failure("concluding an attempt failed", error, message_id=work.message_id, **work.facts)
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
