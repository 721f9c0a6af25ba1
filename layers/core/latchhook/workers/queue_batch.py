"""Batches of queue messages: only the failed messages of a batch are retried (`ReportBatchItemFailures`)."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar

from latchhook.telemetry import log_failure, logger

G = TypeVar("G", bound=Hashable)
M = TypeVar("M")


def each_record(
    batch: Mapping[str, Any],
    work: Callable[[Mapping[str, Any]], None],
    *,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Mapping[str, Any]:
    """Run `work` on each message in order. Log each failure, and return the ids of the failed messages.

    When `may_go_on` returns False, the remaining messages are returned too. So no invocation ends by its timeout, which
    would return the whole batch including the finished messages.
    """
    failed = []
    for record in batch["Records"]:
        if not may_go_on():
            logger.warning("not enough time left for a message", extra={"message_id": record["messageId"]})
            failed.append(record["messageId"])
            continue
        try:
            work(record)
        except Exception as error:  # noqa: BLE001  # after any error, the message must not be lost
            log_failure("message failed", error, message_id=record["messageId"])
            failed.append(record["messageId"])
    return failures(failed)


def each_group(
    batch: Mapping[str, Any], group_of: Callable[[str], G], work: Callable[[G, int], None]
) -> Mapping[str, Any]:
    """Run `work` once for each group of messages, with their number. Return all messages of a failed group."""
    messages, failed = read_messages(batch, group_of)
    groups: dict[G, list[str]] = defaultdict(list)
    for message_id, group in messages.items():
        groups[group].append(message_id)
    for group, message_ids in groups.items():
        try:
            work(group, len(message_ids))
        except Exception as error:  # noqa: BLE001  # after any error, the messages must not be lost
            log_failure("messages failed", error, message_ids=message_ids)
            failed += message_ids
    return failures(failed)


def read_messages(batch: Mapping[str, Any], read: Callable[[str], M]) -> tuple[dict[str, M], list[str]]:
    """Return the result of `read` for each message by the message's id, and the ids of the unreadable messages."""
    messages: dict[str, M] = {}
    failed = []
    for record in batch["Records"]:
        try:
            messages[record["messageId"]] = read(record["body"])
        except Exception as error:  # noqa: BLE001  # no message may stop the others
            log_failure("message can't be read", error, message_id=record["messageId"])
            failed.append(record["messageId"])
    return messages, failed


def failures(message_ids: Iterable[str]) -> Mapping[str, Any]:
    """Return the response that makes Lambda retry these messages."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in message_ids]}
