"""A batch of delivery tasks: everything read at once, all attempts made at once, our own faults given back."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from latchhook.edge.attempt_threads import Threads
from latchhook.edge.queue_batch import failures, read_messages
from latchhook.telemetry import log_failure, logger
from latchhook.webhooks.attempts import AttemptMaker, Call, Prepared
from latchhook.webhooks.delivery import Attempt, DeliveryTask
from latchhook.webhooks.pacing import Pacer, called_webhook
from latchhook.webhooks.slowness import FAST_SECONDS, Slowness
from latchhook.webhooks.webhook import Webhook

BATCH_SIZE = 10
"""As the template sets it: one thread for each message."""

MARGIN_SECONDS = 5.0
"""What a slot, recording and planning may take beside the call itself, which may use up its deadline."""

LOOK_AFTER_SECONDS = (0.02, 0.5)
"""A batch looks again when a call becomes slow, but no sooner and no later than this: calls begin at their time."""

LAST_SECONDS = 1.0
"""So long before Lambda's end a batch answers, whatever is not finished."""


class Preparations(Protocol):
    """Reads what attempts need."""

    def prepare(self, tasks: Sequence[DeliveryTask]) -> Sequence[Prepared]:
        """All that the tasks' attempts need, in the order of the tasks."""


class TaskReader(Protocol):
    """Reads a message's body."""

    def __call__(self, body: str) -> DeliveryTask:
        """The task; raises for a message that isn't one."""


@dataclass(frozen=True, slots=True)
class _Work:
    """A message's attempt. `webhook` is the one whose receiver it calls, None if it calls none."""

    message_id: str
    task: DeliveryTask
    prepared: Prepared
    webhook: Webhook | None
    call: Call = field(default_factory=Call)


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of it. `comes_again` is our own fault; without attempt there was none to make."""

    attempt: Attempt | None
    comes_again: bool = False


class DeliveryBatches:
    """Runs batches."""

    def __init__(
        self,
        maker: AttemptMaker,
        preparations: Preparations,
        read_task: TaskReader,
        pacer: Pacer,
        slowness: Slowness,
        threads: Threads,
        *,
        timeout_seconds: float,
    ) -> None:
        self._maker = maker
        self._preparations = preparations
        self._read_task = read_task
        self._needed_millis = (timeout_seconds + MARGIN_SECONDS) * 1000
        self._pacer = pacer
        self._slowness = slowness
        self._threads = threads

    def run(self, batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
        """Makes the batch's attempts; gives Lambda the ids of the messages that must come again.

        A batch for which the time does not suffice, once all is read, goes back whole before anything is sent. What is
        not finished shortly before Lambda's end goes back too; if it ends after all, it finds its record the next time.
        """
        messages, failed = read_messages(batch, self._read_task)
        attempts = defaultdict(list)
        for message_id, task in messages.items():
            attempts[task.webhook_id, task.delivery_id, task.attempt].append(message_id)
        # A task that was sent twice may come twice in one batch, where neither would find the other's record.
        same = {message_ids[0]: message_ids for message_ids in attempts.values()}
        again = self._make({message_id: messages[message_id] for message_id in same}, context)
        return failures(failed + [each for message_id in again for each in same[message_id]])

    def _make(self, tasks: Mapping[str, DeliveryTask], context: Any) -> list[str]:
        try:
            prepared = self._preparations.prepare(list(tasks.values()))
        except Exception as error:  # noqa: BLE001  # whatever stopped it, the messages must not be lost
            log_failure("preparing attempts failed", error, messages=len(tasks))
            return list(tasks)
        if context.get_remaining_time_in_millis() < self._needed_millis:
            logger.warning("no time left for a batch's attempts", extra={"messages": len(tasks)})
            return list(tasks)
        work = [
            _Work(message_id, task, each, called_webhook(each))
            for (message_id, task), each in zip(tasks.items(), prepared, strict=True)
        ]
        waits, again = self._admit(work)
        running = {
            self._threads.submit(partial(self._make_one, each, waits[each.message_id])): each
            for each in work
            if each.message_id in waits
        }
        return again + self._finish(running, max(waits.values(), default=0), context)

    def _admit(self, work: Sequence[_Work]) -> tuple[dict[str, float], list[str]]:
        """The seconds that each attempt waits for its slot, by message; and the messages that must come again.

        What is in neither is done with here: it has been sent to wait.
        """
        waits: dict[str, float] = {}
        again: list[str] = []
        for webhook, works in _by_webhook(work):
            if webhook is None:
                waits |= {each.message_id: 0 for each in works}
                continue
            try:
                slots = self._pacer.admit(webhook, [each.task for each in works])
            except Exception as error:  # noqa: BLE001  # whatever stopped it, the messages must not be lost
                log_failure("pacing attempts failed", error, webhook_id=str(webhook.id), messages=len(works))
                again += [each.message_id for each in works]
            else:
                waits |= {each.message_id: slot for each, slot in zip(works, slots, strict=True) if slot is not None}
        return waits, again

    def _finish(self, running: "Mapping[Future[_Result], _Work]", longest_wait: float, context: Any) -> list[str]:
        """Waits for the attempts and notes whose receivers are slow; gives the messages that must come again."""
        unfinished, noted = self._wait(running, longest_wait, context)
        results = {each.message_id: future.result() for future, each in running.items() if future not in unfinished}
        for webhook, works in _by_webhook(list(running.values())):
            took = [_seconds(results[each.message_id]) for each in works if each.message_id in results]
            if webhook is not None and any(took):
                note = self._slowness.ended if webhook.id in noted else self._slowness.took
                self._note(webhook, partial(note, seconds=_middle([each for each in took if each])))
        if unfinished:
            logger.warning("no time left to finish a batch's attempts", extra={"messages": len(unfinished)})
        return [
            each.message_id
            for each in running.values()
            if each.message_id not in results or results[each.message_id].comes_again
        ]

    def _wait(
        self, running: "Mapping[Future[_Result], _Work]", longest_wait: float, context: Any
    ) -> "tuple[Collection[Future[_Result]], Collection[UUID]]":
        """Waits for the attempts, until shortly before Lambda's end; gives those that have not ended.

        And the webhooks that were noted while their calls ran, once half of a webhook's calls were slow: one that is
        slow now and then is none of these. What is slow on our side is not its receiver's.
        """
        noted: set[UUID] = set()
        unfinished = self._threads.wait(running, seconds=FAST_SECONDS + longest_wait)
        while unfinished and (left := context.get_remaining_time_in_millis() / 1000 - LAST_SECONDS) > 0:
            now = self._pacer.clock()
            taking = {
                each.message_id: each.call.seconds(now) if future in unfinished else _seconds(future.result())
                for future, each in running.items()
            }
            for webhook, works in _by_webhook(list(running.values())):
                seconds = _middle([taking[each.message_id] for each in works])
                if webhook is not None and webhook.id not in noted and seconds >= FAST_SECONDS:
                    noted.add(webhook.id)
                    self._note(webhook, self._slowness.waiting)
            least, most = LOOK_AFTER_SECONDS
            fast_for = (FAST_SECONDS - taking[running[future].message_id] for future in unfinished)
            soonest = min((seconds for seconds in fast_for if seconds > 0), default=most)
            unfinished = self._threads.wait(running, seconds=min(max(least, soonest), most, left))
        return unfinished, noted

    @staticmethod
    def _note(webhook: Webhook, note: Callable[[Webhook], None]) -> None:
        """An attempt that is made is not made again over this: the next slow one notes it."""
        try:
            note(webhook)
        except Exception as error:  # noqa: BLE001
            log_failure("noting how slow a webhook is failed", error, webhook_id=str(webhook.id))

    def _make_one(self, work: _Work, wait_seconds: float) -> _Result:
        """Makes one attempt, once its slot has come."""
        task = work.task
        facts = {
            "delivery_id": str(task.delivery_id),
            "webhook_id": str(task.webhook_id),
            "attempt": task.attempt,
        }
        if wait_seconds > 0:
            self._threads.sleep(wait_seconds)
        try:
            attempt = self._maker.make(task, work.prepared, work.call)
        except Exception as error:  # noqa: BLE001  # one attempt's fault is not its neighbours'
            log_failure("attempt failed on our side", error, message_id=work.message_id, **facts)
            return _Result(None, comes_again=True)
        if attempt is not None:
            logger.info(
                "attempt",
                extra={
                    **facts,
                    "account_id": task.account_id,
                    "outcome": attempt.status,
                    "response_status": attempt.response_status,
                    "total_ms": attempt.timings_ms.get("total"),
                },
            )
        return _Result(attempt)


def _by_webhook(work: Sequence[_Work]) -> Sequence[tuple[Webhook | None, Sequence[_Work]]]:
    """The work that belongs to one webhook together."""
    groups: dict[Any, list[_Work]] = defaultdict(list)
    for each in work:
        groups[None if each.webhook is None else each.webhook.id].append(each)
    return [(works[0].webhook, works) for works in groups.values()]


def _middle(seconds: Sequence[float]) -> float:
    """The median; of two in the middle the longer."""
    return sorted(seconds)[len(seconds) // 2]


def _seconds(result: _Result) -> float:
    """How long the receiver took; nothing where it was not called."""
    return 0.0 if result.attempt is None else result.attempt.timings_ms.get("total", 0.0) / 1000
