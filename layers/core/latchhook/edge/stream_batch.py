"""A batch of a table's stream as a worker gets it: in order, and from where it stops it comes again."""

from collections.abc import Callable, Mapping
from typing import Any

from latchhook.edge.queue_batch import failures
from latchhook.outages import StoreUnavailableError
from latchhook.telemetry import log_failure


def each_change(batch: Mapping[str, Any], work: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
    """Does `work` on each new image in turn, up to the first that is not done or meets an outage of ours."""
    for record in batch["Records"]:
        number = record["dynamodb"]["SequenceNumber"]
        try:
            if not work(record["dynamodb"]["NewImage"]):
                return failures([number])
        except StoreUnavailableError as error:
            log_failure("change waits", error, sequence_number=number)
            return failures([number])
    return failures([])
