"""A scheduled job as Lambda runs it: it stops before the timeout and raises failures at the end."""

import logging
from collections.abc import Callable

import pytest

from latchhook.api_keys.scheduled_jobs import Swept
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.workers.scheduled_job import MARGIN_MILLIS, run_scheduled_job


class Context:
    """A Lambda context that returns the given milliseconds in turn."""

    def __init__(self, *millis: int) -> None:
        self._millis = iter(millis)

    def get_remaining_time_in_millis(self) -> int:
        return next(self._millis)


def test_job_returns_the_number_of_processed_items() -> None:
    assert run_scheduled_job("keys", Context(), lambda _: Swept(7)) == {"done": 7}


def test_job_continues_until_ten_seconds_are_left() -> None:
    heard: list[bool] = []

    def sweep(may_go_on: Callable[[], bool]) -> Swept:
        heard.extend(may_go_on() for _ in range(3))
        return Swept()

    run_scheduled_job("keys", Context(60_000, MARGIN_MILLIS + 1, MARGIN_MILLIS), sweep)

    assert (MARGIN_MILLIS, heard) == (10_000, [True, True, False])


def test_first_failure_is_raised_and_each_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    failures: list[Exception] = [DependencyUnavailableError("one: gone"), DependencyUnavailableError("two: gone")]

    with (
        caplog.at_level(logging.INFO, logger="latchhook"),
        pytest.raises(DependencyUnavailableError, match="one"),
    ):
        run_scheduled_job("keys", Context(), lambda _: Swept(3, failures))

    assert [record.message for record in caplog.records] == [
        "scheduled job finished",
        "scheduled job failed",
        "scheduled job failed",
    ]
    assert [getattr(record, "failed", None) for record in caplog.records] == [2, None, None]
