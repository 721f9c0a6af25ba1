"""The retry queue sends tasks with ten per call, immediately or at their time, with or without a reservation."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.transport.task_queues import RetryQueue, RetryTargets, task_from_json, task_to_json
from tests.samples import MILLISECOND, NOW, SECOND, MovableClock, event, task

TASKS = [
    replace(task(event(f"evt_{number}")), reserved_at=None if number % 2 else NOW + number * SECOND)
    for number in range(23)
]


class Recorder:
    """A client that records its requests and returns the test's response."""

    def __init__(self, response: Mapping[str, Any]) -> None:
        self.response = response
        self.requests: list[Mapping[str, Any]] = []

    def send_message_batch(self, **request: Any) -> Mapping[str, Any]:
        self.requests.append(request)
        return self.response


TARGETS = RetryTargets("https://queue/", "an arn", "an arn", "an arn")


def _no_client() -> Any:
    raise AssertionError("no client is needed")


def _queue(client: Any) -> RetryQueue:
    return RetryQueue(lambda: client, _no_client, TARGETS, lambda: NOW)


def test_tasks_are_sent_unchanged_with_ten_per_call() -> None:
    client = Recorder({})
    _queue(client).plan_all([(each, NOW) for each in TASKS])
    assert [len(request["Entries"]) for request in client.requests] == [10, 10, 3]
    assert {request["QueueUrl"] for request in client.requests} == {"https://queue/"}
    entries = [entry for request in client.requests for entry in request["Entries"]]
    assert [task_from_json(entry["MessageBody"]) for entry in entries] == TASKS
    assert {entry["MessageGroupId"] for entry in entries} == {str(TASKS[0].webhook_id)}


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (0 * SECOND, 0), (MILLISECOND, 0), (SECOND, 0), (1.25 * SECOND, 1), (2.2 * SECOND, 1),
        (timedelta(minutes=14), 839), (timedelta(minutes=15), 899),
    ],
)  # fmt: skip
def test_task_with_reservation_arrives_at_most_a_second_and_lead_early(wait: timedelta, seconds: int) -> None:
    client = Recorder({})
    _queue(client).plan_all([(TASKS[0], NOW + wait)])
    assert client.requests[0]["Entries"][0]["DelaySeconds"] == seconds


def test_reservation_and_missed_count_survive_serialization() -> None:
    for missed in (0, 3):
        for reserved_at in (None, NOW + timedelta(microseconds=1)):
            late = replace(TASKS[0], missed_reservations=missed, reserved_at=reserved_at, uncounted=2)
            assert task_from_json(task_to_json(late)) == late


def test_no_client_is_created_without_tasks() -> None:
    RetryQueue(_no_client, _no_client, TARGETS, lambda: NOW).plan_all([])


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (10, 1), (11, 2), (100, 10)])
def test_immediate_tasks_are_sent_with_ten_per_call(count: int, calls: int) -> None:
    client = Recorder({})
    tasks = [task(event(f"evt_{number}"), attempt=2) for number in range(count)]
    _queue(client).send(tasks)
    assert len(client.requests) == calls
    assert {request["QueueUrl"] for request in client.requests} <= {TARGETS.queue_url}
    entries = [entry for request in client.requests for entry in request["Entries"]]
    assert [task_from_json(entry["MessageBody"]) for entry in entries] == tasks
    assert {entry["MessageGroupId"] for entry in entries} <= {str(TASKS[0].webhook_id)}
    assert not any("DelaySeconds" in entry for entry in entries)


def test_refused_task_is_a_dependency_error() -> None:
    refusing = Recorder({"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]})
    with pytest.raises(DependencyUnavailableError, match="InternalError"):
        _queue(refusing).plan_all([(TASKS[0], NOW)])
    with pytest.raises(DependencyUnavailableError, match="InternalError"):
        _queue(refusing).send([TASKS[0]])


def test_delays_start_at_the_call_that_sends_the_task() -> None:
    client, clock = Recorder({}), MovableClock()

    class Slow(Recorder):
        def send_message_batch(self, **request: Any) -> Mapping[str, Any]:
            clock.now += 2 * SECOND
            return client.send_message_batch(**request)

    slow: Any = Slow({})
    queue = RetryQueue(lambda: slow, _no_client, TARGETS, clock)
    queue.plan_all([(TASKS[0], NOW + 10.5 * SECOND)] * 11)
    first, second = client.requests
    assert {entry["DelaySeconds"] for entry in first["Entries"]} == {10}
    assert {entry["DelaySeconds"] for entry in second["Entries"]} == {8}
