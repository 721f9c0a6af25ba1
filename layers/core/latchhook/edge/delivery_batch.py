"""A batch of delivery tasks: everything read at once, all attempts made at once, our own faults given back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from latchhook.edge.queue_batch import failures, read_messages
from latchhook.telemetry import log_failure, logger
from latchhook.webhooks.attempts import AttemptMaker, Prepared
from latchhook.webhooks.delivery import DeliveryTask

BATCH_SIZE = 10
"""As the template sets it: one thread for each message."""

MARGIN_SECONDS = 5.0
"""What recording and planning may take after the call itself has used up its deadline."""


class Preparations(Protocol):
    """Reads what attempts need."""

    def prepare(self, tasks: Sequence[DeliveryTask]) -> Sequence[Prepared]:
        """All that the tasks' attempts need, in the order of the tasks."""


class TaskReader(Protocol):
    """Reads a message's body."""

    def __call__(self, body: str) -> DeliveryTask:
        """The task; raises for a message that isn't one."""


class DeliveryBatches:
    """Runs batches. The threads live as long as the environment."""

    def __init__(
        self,
        maker: AttemptMaker,
        preparations: Preparations,
        read_task: TaskReader,
        *,
        timeout_seconds: float,
    ) -> None:
        self._maker = maker
        self._preparations = preparations
        self._read_task = read_task
        self._needed_millis = (timeout_seconds + MARGIN_SECONDS) * 1000
        self._threads = ThreadPoolExecutor(BATCH_SIZE, thread_name_prefix="attempt")

    def run(self, batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
        """Makes the batch's attempts; gives Lambda the ids of the messages that must come again.

        A batch for which the time does not suffice, once all is read, goes back whole before anything is sent.
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
        results = self._threads.map(self._make_one, tasks.items(), prepared)
        return [message_id for message_id in results if message_id is not None]

    def _make_one(self, message: tuple[str, DeliveryTask], prepared: Prepared) -> str | None:
        """Makes one attempt; gives the message's id if it must come again."""
        message_id, task = message
        facts = {
            "delivery_id": str(task.delivery_id),
            "webhook_id": str(task.webhook_id),
            "attempt": task.attempt,
        }
        try:
            attempt = self._maker.make(task, prepared)
        except Exception as error:  # noqa: BLE001  # one attempt's fault is not its neighbours'
            log_failure("attempt failed on our side", error, message_id=message_id, **facts)
            return message_id
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
        return None
