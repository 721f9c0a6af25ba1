"""The queue of the steps that release backlogs: what is put on it is what comes off."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook.outages import StoreUnavailableError
from latchhook.transport.backlog_queue import BacklogQueue, release_step_from_json, release_step_to_json
from latchhook.webhooks.backlog import FIRST_STEP_AFTER, ReleaseStep
from tests.samples import ACCOUNT, webhook

STEP = ReleaseStep(ACCOUNT, webhook().id, 7)


class Recorder:
    """A client that keeps what it is asked, and fails where the test says so."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.requests: list[Mapping[str, Any]] = []

    def send_message(self, **request: Any) -> Mapping[str, Any]:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        return {}


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [(timedelta(0), 0), (FIRST_STEP_AFTER, 2), (timedelta(seconds=4.9), 4), (timedelta(minutes=7), 420)],
)
def test_a_step_comes_after_its_delay(delay: timedelta, seconds: int) -> None:
    recorder: Any = Recorder()
    BacklogQueue(lambda: recorder, url="https://queue/backlog").send(STEP, delay=delay)
    (request,) = recorder.requests
    assert request["QueueUrl"] == "https://queue/backlog"
    assert (request["DelaySeconds"], request["MessageGroupId"]) == (seconds, str(webhook().id))
    assert release_step_from_json(request["MessageBody"]) == STEP


def test_a_queue_that_takes_no_step_is_an_outage() -> None:
    refusing: Any = Recorder(ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SendMessage"))
    with pytest.raises(StoreUnavailableError, match="AccessDenied"):
        BacklogQueue(lambda: refusing, url="https://queue/backlog").send(STEP, delay=FIRST_STEP_AFTER)


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "null", "[]", "{}", "5",
        release_step_to_json(STEP).replace(f'"{ACCOUNT}"', "5"),
        release_step_to_json(STEP).replace(str(webhook().id), "nope"),
        release_step_to_json(STEP).replace('"number": 7', '"number": "x"'),
    ],
)  # fmt: skip
def test_a_message_that_is_no_step_is_refused(body: str) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        release_step_from_json(body)
