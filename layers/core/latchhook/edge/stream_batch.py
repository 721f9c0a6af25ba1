"""A batch of a table's stream as a worker gets it: in order, and from where it stops it comes again."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.queue_batch import failures
from latchhook.telemetry import log_failure

Work = Callable[[Mapping[str, Any]], bool]


class DeadLetters(Protocol):
    """Where records wait for a person."""

    def keep(self, record: Mapping[str, Any]) -> None:
        """Keeps one."""


def each_change(batch: Mapping[str, Any], work: Work, dead_letters: DeadLetters) -> Mapping[str, Any]:
    """Does `work` on each new image in turn, up to the first that is not done or meets an outage of ours.

    A record on which it fails for another reason goes to the dead letters: no outage ends there, and it would hold up
    what comes after it for a day.
    """
    for record in batch["Records"]:
        number = record["dynamodb"]["SequenceNumber"]
        try:
            if not _is_done(record, work, dead_letters):
                return failures([number])
        except DependencyUnavailableError as error:
            log_failure("change waits", error, sequence_number=number)
            return failures([number])
    return failures([])


def _is_done(record: Mapping[str, Any], work: Work, dead_letters: DeadLetters) -> bool:
    """Whether nothing is left to do; raises `DependencyUnavailableError`."""
    try:
        return work(record["dynamodb"]["NewImage"])
    except DependencyUnavailableError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it does not stop its neighbours
        log_failure("change is set aside", error, sequence_number=record["dynamodb"]["SequenceNumber"])
        dead_letters.keep(record)
        return True
