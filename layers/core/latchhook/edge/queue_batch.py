"""A batch of queue messages as a worker gets it: what fails goes back alone (`ReportBatchItemFailures`)."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Protocol, TypeVar
from uuid import UUID

from latchhook.telemetry import log_failure, logger

G = TypeVar("G", bound=Hashable)
M = TypeVar("M")


def each_record(
    batch: Mapping[str, Any],
    work: Callable[[Mapping[str, Any]], None],
    *,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Mapping[str, Any]:
    """Does `work` on each message in turn; gives Lambda the ids of those on which it raised, each of them logged.

    Messages that it may not begin are given back too, so that an invocation never ends by its timeout: that would give
    back the whole batch, with the messages that are done.
    """
    failed = []
    for record in batch["Records"]:
        if not may_go_on():
            logger.warning("no time left for a message", extra={"message_id": record["messageId"]})
            failed.append(record["messageId"])
            continue
        try:
            work(record)
        except Exception as error:  # noqa: BLE001  # whatever stopped it, the message must not be lost
            log_failure("message failed", error, message_id=record["messageId"])
            failed.append(record["messageId"])
    return failures(failed)


class Step(Protocol):
    """A step of a chain that one webhook has."""

    @property
    def account_id(self) -> str:
        """The webhook's account."""

    @property
    def webhook_id(self) -> UUID:
        """The webhook."""


S = TypeVar("S", bound=Step)


def each_step(batch: Mapping[str, Any], read: Callable[[str], S], take: Callable[[S], bool]) -> Mapping[str, Any]:
    """Takes the step in each message; a chain that ends at its bound is logged as an error."""

    def work(record: Mapping[str, Any]) -> None:
        step = read(record["body"])
        if not take(step):
            facts = {"account_id": step.account_id, "webhook_id": str(step.webhook_id)}
            logger.error("a chain of steps has ended at its bound", extra=facts)

    return each_record(batch, work)


def each_group(
    batch: Mapping[str, Any], group_of: Callable[[str], G], work: Callable[[G, int], None]
) -> Mapping[str, Any]:
    """Does `work` once for all messages of a group, with their number; a group on which it raised goes back whole."""
    messages, failed = read_messages(batch, group_of)
    groups: dict[G, list[str]] = defaultdict(list)
    for message_id, group in messages.items():
        groups[group].append(message_id)
    for group, message_ids in groups.items():
        try:
            work(group, len(message_ids))
        except Exception as error:  # noqa: BLE001  # whatever stopped it, the messages must not be lost
            log_failure("messages failed", error, message_ids=message_ids)
            failed += message_ids
    return failures(failed)


def read_messages(batch: Mapping[str, Any], read: Callable[[str], M]) -> tuple[dict[str, M], list[str]]:
    """What `read` makes of each message's body, by the message's id, and the ids of those on which it raised."""
    messages: dict[str, M] = {}
    failed = []
    for record in batch["Records"]:
        try:
            messages[record["messageId"]] = read(record["body"])
        except Exception as error:  # noqa: BLE001  # whatever it holds, it does not stop its neighbours
            log_failure("message can't be read", error, message_id=record["messageId"])
            failed.append(record["messageId"])
    return messages, failed


def failures(message_ids: Iterable[str]) -> Mapping[str, Any]:
    """The answer that gives these messages back to the queue."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in message_ids]}
