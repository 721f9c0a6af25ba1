"""A batch of delivery tasks: everything read at once, all attempts made at once, our own faults given back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from latchhook.edge.attempt_run import AttemptRun
from latchhook.edge.attempt_threads import Threads
from latchhook.edge.attempt_work import Work, by_webhook
from latchhook.edge.queue_batch import failures, read_messages
from latchhook.edge.slow_calls import SlowCalls
from latchhook.telemetry import log_failure, logger
from latchhook.webhooks.attempts import AttemptMaker, Prepared
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.pacing import Pacer, called_webhook
from latchhook.webhooks.slowness import Slowness

BATCH_SIZE = 10
"""As the template sets it."""

THREADS = 2 * BATCH_SIZE
"""One to send each message, and as many for what follows while all of them wait for receivers."""

MARGIN_SECONDS = 5.0
"""What a slot, recording and planning may take beside the call itself, which may use up its deadline."""


class Preparations(Protocol):
    """Reads what attempts need."""

    def prepare(self, tasks: Sequence[DeliveryTask]) -> Sequence[Prepared]:
        """All that the tasks' attempts need, in the order of the tasks."""


class TaskReader(Protocol):
    """Reads a message's body."""

    def __call__(self, body: str) -> DeliveryTask:
        """The task; raises for a message that isn't one."""


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
        works = [
            Work(message_id, task, each, called_webhook(each))
            for (message_id, task), each in zip(tasks.items(), prepared, strict=True)
        ]
        waits, again = self._admit(works)
        slow_calls = SlowCalls(self._slowness, waits)
        run = AttemptRun(self._maker, self._threads, slow_calls, self._pacer.clock, waits)
        return again + run.finish(context)

    def _admit(self, works: Sequence[Work]) -> tuple[dict[Work, float], list[str]]:
        """The seconds that each attempt waits for its slot; and the messages that must come again.

        What is in neither is done with here: it has been sent to wait.
        """
        waits: dict[Work, float] = {}
        again: list[str] = []
        for webhook, group in by_webhook(works):
            if webhook is None:
                waits |= dict.fromkeys(group, 0)
                continue
            try:
                admitted = self._pacer.admit(webhook, [work.task for work in group])
            except Exception as error:  # noqa: BLE001  # whatever stopped it, the messages must not be lost
                log_failure("pacing attempts failed", error, webhook_id=str(webhook.id), messages=len(group))
                again += [work.message_id for work in group]
                continue
            for work, here in zip(group, admitted, strict=True):
                if here is not None:
                    work.call.not_after = here.not_after
                    waits[work] = here.wait_seconds
        return waits, again
