"""Batches of a table's stream: records are processed in order, and Lambda retries from the first unfinished record."""

from collections.abc import Callable, Mapping
from typing import Any

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.telemetry import log_failure
from latchhook.workers.ports import DeadLetters
from latchhook.workers.queue_batch import failures

Work = Callable[[Mapping[str, Any]], bool]


def each_change(batch: Mapping[str, Any], work: Work, dead_letters: DeadLetters) -> Mapping[str, Any]:
    """Run `work` on each new image in order, up to the first that is unfinished or raises a dependency error.

    A record that fails for another reason goes to the dead-letter queue. A retry would not help, and would delay the
    records behind it for a day.
    """
    for record in batch["Records"]:
        number = record["dynamodb"]["SequenceNumber"]
        try:
            if not _is_done(record, work, dead_letters):
                return failures([number])
        except DependencyUnavailableError as error:
            log_failure("stream record will be retried", error, sequence_number=number)
            return failures([number])
    return failures([])


def _is_done(record: Mapping[str, Any], work: Work, dead_letters: DeadLetters) -> bool:
    """Return whether the record is finished. Raises `DependencyUnavailableError`."""
    try:
        return work(record["dynamodb"]["NewImage"])
    except DependencyUnavailableError:
        raise
    except Exception as error:  # noqa: BLE001  # no record may stop the others
        log_failure(
            "stream record moved to dead-letter queue", error, sequence_number=record["dynamodb"]["SequenceNumber"]
        )
        dead_letters.keep(record)
        return True
