"""Batches of delivery tasks: read all data together, make all attempts in parallel, return failed messages to SQS."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from latchhook.telemetry import log_failure, logger
from latchhook.webhooks.attempts import AttemptMaker, Prepared
from latchhook.webhooks.delivery import DeliveryTask
from latchhook.webhooks.rate_limiter import Admission, RateLimiter
from latchhook.webhooks.slowness import Slowness
from latchhook.workers.attempt_run import AttemptRun
from latchhook.workers.attempt_threads import Threads
from latchhook.workers.attempt_work import Work, by_webhook
from latchhook.workers.queue_batch import failures, read_messages
from latchhook.workers.slow_calls import SlowCalls

BATCH_SIZE = 10
"""Messages in a batch, as set in the template."""

THREADS = 2 * BATCH_SIZE
"""One thread to send each attempt, and as many for the follow-up work while all of these wait for receivers."""

MARGIN_SECONDS = 5.0
"""Time for the reservation, the record and the next attempt's scheduling, in addition to the HTTP call's timeout."""


class Preparations(Protocol):
    """Reads the data for attempts."""

    def prepare(self, tasks: Sequence[DeliveryTask]) -> Sequence[Prepared]:
        """Return the data for the tasks' attempts, in the order of the tasks."""


class TaskReader(Protocol):
    """Reads the task in a message's body."""

    def __call__(self, body: str) -> DeliveryTask:
        """Return the task. Raises for any other message."""


class DeliveryBatches:
    """Makes the attempts of batches."""

    def __init__(
        self,
        maker: AttemptMaker,
        preparations: Preparations,
        read_task: TaskReader,
        rate_limiter: RateLimiter,
        slowness: Slowness,
        threads: Threads,
        *,
        timeout_seconds: float,
    ) -> None:
        self._maker = maker
        self._preparations = preparations
        self._read_task = read_task
        self._needed_millis = (timeout_seconds + MARGIN_SECONDS) * 1000
        self._rate_limiter = rate_limiter
        self._slowness = slowness
        self._threads = threads

    def run(self, batch: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
        """Make the batch's attempts. Return the ids of the messages that SQS must deliver again.

        If the remaining time is too short after the reads, all messages are returned before any attempt. Attempts that
        are unfinished shortly before the timeout are returned too. If such an attempt still finishes, the message's
        next run finds its record.
        """
        messages, unreadable = read_messages(batch, self._read_task)
        attempts = defaultdict(list)
        for message_id, task in messages.items():
            attempts[task.webhook_id, task.delivery_id, task.attempt].append(message_id)
        # A batch can contain the same task twice. Neither copy would find the other's record, so run only one of them.
        copies = {message_ids[0]: message_ids for message_ids in attempts.values()}
        works = self._prepare({message_id: messages[message_id] for message_id in copies})
        if works is None or context.get_remaining_time_in_millis() < self._needed_millis:
            logger.warning("batch not started", extra={"messages": len(messages), "is_prepared": works is not None})
            return failures([*unreadable, *messages])
        waits, refused = self._reserve(works)
        slow_calls = SlowCalls(self._slowness, waits)
        sending = AttemptRun(self._maker, self._threads, slow_calls, self._rate_limiter.clock, waits)
        unfinished = sending.send_and_record(context)
        return failures([*unreadable, *(copy for each in [*refused, *unfinished] for copy in copies[each])])

    def _prepare(self, tasks: Mapping[str, DeliveryTask]) -> Sequence[Work] | None:
        """Read the data for all attempts with one call. Return None after an error, which is logged."""
        try:
            prepared = self._preparations.prepare(list(tasks.values()))
        except Exception as error:  # noqa: BLE001  # after any error, the messages must not be lost
            log_failure("preparing attempts failed", error, messages=len(tasks))
            return None
        return [
            Work(message_id, task, each, each.called_webhook)
            for (message_id, task), each in zip(tasks.items(), prepared, strict=True)
        ]

    def _reserve(self, works: Sequence[Work]) -> tuple[dict[Work, float], list[str]]:
        """Return the seconds until each attempt's reservation, and the messages that SQS must deliver again.

        Tasks in neither of the two are queued or parked, so their messages are done.
        """
        waits: dict[Work, float] = {}
        again: list[str] = []
        for webhook, group in by_webhook(works):
            if webhook is None:
                waits |= dict.fromkeys(group, 0)
                continue
            try:
                admitted = self._rate_limiter.admit(webhook, [work.task for work in group])
            except Exception as error:  # noqa: BLE001  # after any error, the messages must not be lost
                log_failure("rate limiting attempts failed", error, webhook_id=str(webhook.id), messages=len(group))
                again += [work.message_id for work in group]
                continue
            for work, how in zip(group, admitted, strict=True):
                if isinstance(how, Admission):
                    work.call.not_after = how.not_after
                    waits[work] = how.wait_seconds
                elif how != "queued":
                    logger.info("delivery parked", extra={**work.facts, "reason": how})
        return waits, again
