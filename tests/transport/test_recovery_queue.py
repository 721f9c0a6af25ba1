"""The queue of recoveries' steps, and the retry queue as recoveries fill it: what is put on them is what comes off."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError

from latchhook.outages import StoreUnavailableError
from latchhook.transport.recovery_queue import RecoveryQueue, step_from_json, step_to_json
from latchhook.transport.task_queues import RetryQueue, RetryTargets, task_from_json
from latchhook.webhooks.recovery import FIRST_STEP_AFTER, Step
from latchhook.webhooks.recovery_steps import STEP_EVERY
from tests.samples import ACCOUNT, MILLISECOND, NOW, event, recovery, task, webhook

STEP = Step(ACCOUNT, webhook().id, recovery().id, 7, NOW + MILLISECOND)
TARGETS = RetryTargets("https://queue/retry", "arn", "arn", "arn")


class Recorder:
    """A client that keeps what it is asked, and answers what the test says."""

    def __init__(self, answer: Mapping[str, Any] | Exception | None = None) -> None:
        self.answer = answer or {}
        self.requests: list[Mapping[str, Any]] = []

    def send_message(self, **request: Any) -> Mapping[str, Any]:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    send_message_batch = send_message


def _never() -> Any:
    raise AssertionError("this client is not needed")


@pytest.mark.parametrize(
    ("delay", "seconds"), [(timedelta(0), 0), (STEP_EVERY, 2), (FIRST_STEP_AFTER, 2), (timedelta(minutes=15), 900)]
)
def test_a_step_comes_after_its_delay(delay: timedelta, seconds: int) -> None:
    recorder: Any = Recorder()

    RecoveryQueue(lambda: recorder, url="https://queue/recovery").send(STEP, delay=delay)

    (request,) = recorder.requests
    assert request["QueueUrl"] == "https://queue/recovery"
    assert (request["DelaySeconds"], request["MessageGroupId"]) == (seconds, str(webhook().id))
    assert step_from_json(request["MessageBody"]) == STEP


def test_a_queue_that_takes_no_step_is_an_outage() -> None:
    refusing: Any = Recorder(ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SendMessage"))

    with pytest.raises(StoreUnavailableError, match="AccessDenied"):
        RecoveryQueue(lambda: refusing, url="https://queue/recovery").send(STEP, delay=STEP_EVERY)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "5",
        step_to_json(STEP).replace(f'"{ACCOUNT}"', "5"),
        step_to_json(STEP).replace(str(recovery().id), "nope"),
        step_to_json(STEP).replace('"number": 7', '"number": "x"'),
        json.dumps({"accountId": ACCOUNT, "webhookId": str(UUID(int=1))}),
    ],
)
def test_a_message_that_is_no_step_is_refused(body: str) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        step_from_json(body)


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (10, 1), (11, 2), (100, 10)])
def test_what_is_recovered_goes_to_the_retry_queue_ten_a_call(count: int, calls: int) -> None:
    recorder: Any = Recorder()
    tasks = [task(event(f"evt_{number}"), attempt=2) for number in range(count)]

    RetryQueue(lambda: recorder, _never, TARGETS).send(tasks)

    assert len(recorder.requests) == calls
    assert {request["QueueUrl"] for request in recorder.requests} <= {TARGETS.queue_url}
    entries = [entry for request in recorder.requests for entry in request["Entries"]]
    assert [task_from_json(entry["MessageBody"]) for entry in entries] == tasks
    assert {entry["MessageGroupId"] for entry in entries} <= {str(webhook().id)}


def test_a_recovered_task_that_was_not_taken_is_an_outage() -> None:
    refused: Any = Recorder({"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]})

    with pytest.raises(StoreUnavailableError, match="InternalError"):
        RetryQueue(lambda: refused, _never, TARGETS).send([task(attempt=2)])
