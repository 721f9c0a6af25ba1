"""A batch of queue messages as a worker gets it: what fails goes back alone (`ReportBatchItemFailures`)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from latchhook.telemetry import log_failure


def each_record(batch: Mapping[str, Any], work: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
    """Does `work` on each message in turn; gives Lambda the ids of those on which it raised, each of them logged."""
    failed = []
    for record in batch["Records"]:
        try:
            work(record)
        except Exception as error:  # noqa: BLE001  # whatever stopped it, the message must not be lost
            log_failure("message failed", error, message_id=record["messageId"])
            failed.append(record["messageId"])
    return failures(failed)


def failures(message_ids: Iterable[str]) -> Mapping[str, Any]:
    """The answer that gives these messages back to the queue."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in message_ids]}
