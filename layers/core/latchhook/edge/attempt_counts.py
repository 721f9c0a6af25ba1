"""Batches of the deliveries table's stream to counts: added up by webhook and day, all of these at once on threads.

What is in a batch that comes again, whole or in part, is counted once (storage/stats_table.py says why). So an outage
in the middle of a batch needs no more than the number of the first record that is not counted.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.queue_batch import failures
from latchhook.telemetry import log_failure
from latchhook.webhooks.stats import CountedAttempt, PlacedAttempt

THREADS = 8
POSITION_DIGITS = 40
"""A sequence number has 21 to 40 (DynamoDB Streams API reference, "StreamRecord")."""


class Counts(Protocol):
    """Where attempts are counted."""

    def count(self, attempts: Sequence[PlacedAttempt]) -> None:
        """Counts those of one webhook and UTC day, in the order of the stream, that are not counted yet."""


class DeadLetters(Protocol):
    """Where records wait for a person."""

    def keep(self, record: Mapping[str, Any]) -> None:
        """Keeps one."""


class AttemptReader(Protocol):
    """Reads the image of an attempt."""

    def __call__(self, image: Mapping[str, Any]) -> CountedAttempt | None:
        """What is counted of it, None if nothing is; raises for an image of anything else."""


class _Stop(NamedTuple):
    """Where in a batch something was not done, and why; None if the time was used up."""

    at: int
    error: Exception | None


class AttemptCounts:
    """Counts batches. The threads live as long as the environment."""

    def __init__(self, *, counts: Counts, dead_letters: DeadLetters, read: AttemptReader) -> None:
        self._counts = counts
        self._dead_letters = dead_letters
        self._read = read
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="attempt_counts")

    def count(self, batch: Mapping[str, Any], *, may_go_on: Callable[[], bool]) -> Mapping[str, Any]:
        """Counts a batch; gives Lambda the first record that an outage, or the end of the time, left uncounted.

        What can't be read as an attempt goes to the dead letters, without what a receiver has answered: it would hold
        up all that comes after it for a day.
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
        log_failure("attempts wait to be counted", error, sequence_number=number, left=len(stops))
        return failures([number])

    def _groups(
        self, records: Sequence[Mapping[str, Any]]
    ) -> tuple[Sequence[Sequence[tuple[int, PlacedAttempt]]], list[_Stop]]:
        """The attempts with their places in the batch, by webhook and day, up to where one could not be set aside."""
        groups: dict[object, list[tuple[int, PlacedAttempt]]] = defaultdict(list)
        for at, record in enumerate(records):
            try:
                attempt = self._read(record["dynamodb"]["NewImage"])
            except Exception as error:  # noqa: BLE001  # whatever it holds, it does not stop its neighbours
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
        log_failure("an attempt can't be counted", error, sequence_number=number)
        self._dead_letters.keep({"dynamodb": {"Keys": change["Keys"], "SequenceNumber": number}})


def _number(record: Mapping[str, Any]) -> str:
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def _position(record: Mapping[str, Any]) -> str:
    """The record's place in all streams that the table has had: a stream's label is the time when it was turned on."""
    label = record["eventSourceARN"].rpartition("/")[2]
    return f"{label}/{_number(record):0>{POSITION_DIGITS}}"
