"""Counting of attempts from the deliveries table's stream, by webhook and day, with parallel threads.

A repeated batch is counted only once (storage/stats_table.py explains it). So after a dependency error, it is enough to
return the first uncounted record.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.telemetry import log_failure
from latchhook.webhooks.stats import CountedAttempt, PlacedAttempt
from latchhook.workers.ports import DeadLetters
from latchhook.workers.queue_batch import failures

THREADS = 8
POSITION_DIGITS = 40
"""A sequence number has 21 to 40 digits (DynamoDB Streams API reference, "StreamRecord")."""


class Counts(Protocol):
    """Storage of the counts."""

    def count(self, attempts: Sequence[PlacedAttempt]) -> None:
        """Count the uncounted attempts among these. All belong to one webhook and UTC day, in stream order."""


class AttemptReader(Protocol):
    """Reads an attempt from its stream image."""

    def __call__(self, image: Mapping[str, Any]) -> CountedAttempt | None:
        """Return the counted attempt; None if it is not counted. Raises for an image of anything else."""


class _Stop(NamedTuple):
    """The index of an uncounted record, and its error. The error is None if the time ran out."""

    at: int
    error: Exception | None


class AttemptCounts:
    """Counts the attempts of batches. The threads live as long as the environment."""

    def __init__(self, *, counts: Counts, dead_letters: DeadLetters, read: AttemptReader) -> None:
        self._counts = counts
        self._dead_letters = dead_letters
        self._read = read
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="attempt_counts")

    def count(self, batch: Mapping[str, Any], *, may_go_on: Callable[[], bool]) -> Mapping[str, Any]:
        """Count a batch. Return the first record left uncounted by a dependency error or for lack of time.

        An unreadable record goes to the dead-letter queue, without the receiver's response. A retry would delay the
        records behind it for a day.
        """
        records = batch["Records"]
        groups, stops = self._groups(records)

        def count_group(group: Sequence[tuple[int, PlacedAttempt]]) -> _Stop | None:
            at = group[0][0]
            if not may_go_on():
                return _Stop(at, None)
            try:
                self._counts.count([placed for _, placed in group])
            except DependencyUnavailableError as error:
                return _Stop(at, error)
            return None

        stops += [stop for stop in self._threads.map(count_group, groups) if stop is not None]
        if not stops:
            return failures([])
        first = min(stops, key=lambda stop: stop.at)
        number = _number(records[first.at])
        error = next((stop.error for stop in stops if stop.error is not None), TimeoutError())
        log_failure("counting attempts will be retried", error, sequence_number=number, left=len(stops))
        return failures([number])

    def _groups(
        self, records: Sequence[Mapping[str, Any]]
    ) -> tuple[Sequence[Sequence[tuple[int, PlacedAttempt]]], list[_Stop]]:
        """Return the attempts with their indexes, grouped by webhook and day.

        The attempts end at the first unreadable record that could not be moved to the dead-letter queue.
        """
        groups: dict[object, list[tuple[int, PlacedAttempt]]] = defaultdict(list)
        for at, record in enumerate(records):
            try:
                attempt = self._read(record["dynamodb"]["NewImage"])
            except Exception as error:  # noqa: BLE001  # no record may stop the others
                try:
                    self._set_aside(record, error)
                except DependencyUnavailableError as outage:
                    return list(groups.values()), [_Stop(at, outage)]
                continue
            if attempt is not None:
                group = (attempt.account_id, attempt.webhook_id, attempt.attempted_at.date())
                groups[group].append((at, PlacedAttempt(_position(record), attempt)))
        return list(groups.values()), []

    def _set_aside(self, record: Mapping[str, Any], error: Exception) -> None:
        number, change = _number(record), record["dynamodb"]
        log_failure("uncounted attempt moved to dead-letter queue", error, sequence_number=number)
        self._dead_letters.keep({"dynamodb": {"Keys": change["Keys"], "SequenceNumber": number}})


def _number(record: Mapping[str, Any]) -> str:
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def _position(record: Mapping[str, Any]) -> str:
    """Return the record's position across all streams that the table ever had. A stream's label is its start time."""
    label = record["eventSourceARN"].rpartition("/")[2]
    return f"{label}/{_number(record):0>{POSITION_DIGITS}}"
