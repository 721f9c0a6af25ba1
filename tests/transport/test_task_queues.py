"""The retry queue: every task, ten a call, now or each at its moment, and the mark that it has its slot."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.transport.task_queues import RetryQueue, RetryTargets, task_from_json, task_to_json
from latchhook.webhooks.pacing import with_slot
from tests.samples import MILLISECOND, NOW, SECOND, MovableClock, event, task

TASKS = [
    task(event(f"evt_{number}")) if number % 2 else with_slot(task(event(f"evt_{number}")), NOW + number * SECOND)
    for number in range(23)
]


class Recorder:
    """A client that keeps what it is asked, and answers what the test says."""

    def __init__(self, response: Mapping[str, Any]) -> None:
        self.response = response
        self.requests: list[Mapping[str, Any]] = []

    def send_message_batch(self, **request: Any) -> Mapping[str, Any]:
        self.requests.append(request)
        return self.response


TARGETS = RetryTargets("https://queue/", "an arn", "an arn", "an arn")


def _no_client() -> Any:
    raise AssertionError("nobody needs it")


def _queue(client: Any) -> RetryQueue:
    return RetryQueue(lambda: client, _no_client, TARGETS, lambda: NOW)


def test_every_task_is_sent_as_it_is_ten_a_call_under_its_webhook() -> None:
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
def test_task_with_a_slot_comes_at_most_a_second_and_the_lead_early(wait: timedelta, seconds: int) -> None:
    client = Recorder({})
    _queue(client).plan_all([(TASKS[0], NOW + wait)])
    assert client.requests[0]["Entries"][0]["DelaySeconds"] == seconds


def test_a_task_tells_its_slot_and_how_many_it_missed_and_those_before_told_neither() -> None:
    late = replace(TASKS[0], missed_slots=3, uncounted=2)
    assert task_from_json(task_to_json(late)) == late
    asks_again = replace(late, paced=False, slot_at=None)
    assert task_from_json(task_to_json(asks_again)) == asks_again
    attempted = replace(TASKS[0], paced=False)
    assert task_from_json(task_to_json(attempted)) == replace(attempted, slot_at=None)
    told_nothing = replace(TASKS[0], slot_at=None)
    assert task_from_json(task_to_json(told_nothing)) == told_nothing


def test_no_client_is_made_where_nothing_has_to_wait() -> None:
    RetryQueue(_no_client, _no_client, TARGETS, lambda: NOW).plan_all([])


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (10, 1), (11, 2), (100, 10)])
def test_what_comes_now_goes_to_the_retry_queue_ten_a_call(count: int, calls: int) -> None:
    client = Recorder({})
    tasks = [task(event(f"evt_{number}"), attempt=2) for number in range(count)]
    _queue(client).send(tasks)
    assert len(client.requests) == calls
    assert {request["QueueUrl"] for request in client.requests} <= {TARGETS.queue_url}
    entries = [entry for request in client.requests for entry in request["Entries"]]
    assert [task_from_json(entry["MessageBody"]) for entry in entries] == tasks
    assert {entry["MessageGroupId"] for entry in entries} <= {str(TASKS[0].webhook_id)}
    assert not any("DelaySeconds" in entry for entry in entries)


def test_a_task_that_is_not_taken_is_told() -> None:
    refusing = Recorder({"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]})
    with pytest.raises(DependencyUnavailableError, match="InternalError"):
        _queue(refusing).plan_all([(TASKS[0], NOW)])
    with pytest.raises(DependencyUnavailableError, match="InternalError"):
        _queue(refusing).send([TASKS[0]])


def test_delays_count_from_the_call_that_sends_a_task() -> None:
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
