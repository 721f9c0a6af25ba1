"""A batch of a table's stream: processed in order, and returned from the first unfinished record on."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.workers.stream_batch import each_change

BATCH = {"Records": [{"dynamodb": {"SequenceNumber": f"n{at}", "NewImage": {"at": at}}} for at in range(4)]}


class SetAside(list[int]):
    """A dead-letter queue that stores records, or raises `error`."""

    error: Exception | None = None

    def keep(self, record: Mapping[str, Any]) -> None:
        if self.error is not None:
            raise self.error
        self.append(record["dynamodb"]["NewImage"]["at"])


def _run(work: Callable[[int], bool], dead_letters: SetAside | None = None) -> tuple[list[int], list[str]]:
    """Run a batch. Return the processed changes and the ids of the records to retry."""
    seen: list[int] = []

    def note(image: Mapping[str, Any]) -> bool:
        seen.append(image["at"])
        return work(image["at"])

    response = each_change(BATCH, note, SetAside() if dead_letters is None else dead_letters)
    return seen, [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def test_changes_are_processed_in_order() -> None:
    assert _run(lambda _: True) == ([0, 1, 2, 3], [])


@pytest.mark.parametrize("at", range(4))
def test_records_from_an_unfinished_change_on_are_returned(at: int) -> None:
    assert _run(lambda change: change != at) == (list(range(at + 1)), [f"n{at}"])


def test_records_from_an_outage_on_are_returned_and_it_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def work(change: int) -> bool:
        if change == 2:
            raise DependencyUnavailableError("query: gone")
        return True

    with caplog.at_level(logging.ERROR, logger="latchhook"):
        assert _run(work) == ([0, 1, 2], ["n2"])

    assert [record.message for record in caplog.records] == ["stream record will be retried"]


def _faulty(change: int) -> bool:
    if change == 1:
        raise KeyError("s3cret")
    return True


def test_record_with_an_unexpected_error_is_set_aside(caplog: pytest.LogCaptureFixture) -> None:
    dead_letters = SetAside()

    with caplog.at_level(logging.ERROR, logger="latchhook"):
        assert _run(_faulty, dead_letters) == ([0, 1, 2, 3], [])

    assert dead_letters == [1]
    assert [record.message for record in caplog.records] == ["stream record moved to dead-letter queue"]
    assert "s3cret" not in str(caplog.records[0].__dict__["error"])


def test_record_that_cannot_be_set_aside_is_returned() -> None:
    dead_letters = SetAside()
    dead_letters.error = DependencyUnavailableError("send_message: gone")

    assert _run(_faulty, dead_letters) == ([0, 1], ["n1"])


def test_empty_batch_returns_no_failures() -> None:
    assert each_change({"Records": []}, lambda _: False, SetAside()) == {"batchItemFailures": []}
