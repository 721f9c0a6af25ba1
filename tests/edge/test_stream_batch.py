"""A batch of a table's stream: in order, and from where it stops it comes again."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.edge.stream_batch import each_change

BATCH = {"Records": [{"dynamodb": {"SequenceNumber": f"n{at}", "NewImage": {"at": at}}} for at in range(4)]}


class SetAside(list[int]):
    """Which records wait for a person; `error` is what meets one that is to be kept."""

    error: Exception | None = None

    def keep(self, record: Mapping[str, Any]) -> None:
        if self.error is not None:
            raise self.error
        self.append(record["dynamodb"]["NewImage"]["at"])


def _run(work: Callable[[int], bool], dead_letters: SetAside | None = None) -> tuple[list[int], list[str]]:
    """The changes that were worked on, and those that are to come again."""
    seen: list[int] = []

    def note(image: Mapping[str, Any]) -> bool:
        seen.append(image["at"])
        return work(image["at"])

    response = each_change(BATCH, note, SetAside() if dead_letters is None else dead_letters)
    return seen, [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def test_every_change_is_worked_on_in_turn() -> None:
    assert _run(lambda _: True) == ([0, 1, 2, 3], [])


@pytest.mark.parametrize("at", range(4))
def test_from_a_change_that_is_not_done_all_come_again(at: int) -> None:
    assert _run(lambda change: change != at) == (list(range(at + 1)), [f"n{at}"])


def test_from_an_outage_on_all_come_again_and_it_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def work(change: int) -> bool:
        if change == 2:
            raise DependencyUnavailableError("query: gone")
        return True

    with caplog.at_level(logging.ERROR, logger="latchhook"):
        assert _run(work) == ([0, 1, 2], ["n2"])

    assert [record.message for record in caplog.records] == ["change waits"]


def _faulty(change: int) -> bool:
    if change == 1:
        raise KeyError("s3cret")
    return True


def test_a_fault_of_ours_sets_its_record_aside_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    dead_letters = SetAside()

    with caplog.at_level(logging.ERROR, logger="latchhook"):
        assert _run(_faulty, dead_letters) == ([0, 1, 2, 3], [])

    assert dead_letters == [1]
    assert [record.message for record in caplog.records] == ["change is set aside"]
    assert "s3cret" not in str(caplog.records[0].__dict__["error"])


def test_what_can_not_be_set_aside_comes_again() -> None:
    dead_letters = SetAside()
    dead_letters.error = DependencyUnavailableError("send_message: gone")

    assert _run(_faulty, dead_letters) == ([0, 1], ["n1"])


def test_an_empty_batch_is_nothing_to_do() -> None:
    assert each_change({"Records": []}, lambda _: False, SetAside()) == {"batchItemFailures": []}
