"""The queue of drains returns steps unchanged."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.transport.drain_queue import DrainQueue, step_from_json, step_to_json
from latchhook.webhooks.draining import FIRST_STEP_AFTER, LONGEST_PAUSE, DrainStep
from tests.samples import ACCOUNT, SECOND, webhook

STEP = DrainStep(ACCOUNT, webhook().id, 7)
FIELDS = json.loads(step_to_json(STEP))


class Recorder:
    """A client that records its requests and can raise the test's error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.requests: list[Mapping[str, Any]] = []

    def send_message(self, **request: Any) -> Mapping[str, Any]:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        return {}


def _send(client: Any, step: DrainStep, delay: timedelta) -> None:
    DrainQueue(lambda: client, url="https://queue/steps").send(step, delay=delay)


@pytest.mark.parametrize("idle", [0, 3])
@pytest.mark.parametrize(
    ("delay", "seconds"),
    [(timedelta(0), 0), (FIRST_STEP_AFTER, 2), (4.9 * SECOND, 4), (LONGEST_PAUSE, 840), (timedelta(minutes=15), 900)],
)
def test_step_is_sent_unchanged_with_its_delay(idle: int, delay: timedelta, seconds: int) -> None:
    recorder, step = Recorder(), DrainStep(ACCOUNT, webhook().id, 7, idle)
    _send(recorder, step, delay)
    (request,) = recorder.requests
    assert request["QueueUrl"] == "https://queue/steps"
    assert (request["DelaySeconds"], request["MessageGroupId"]) == (seconds, str(webhook().id))
    assert step_from_json(request["MessageBody"]) == step


def test_refused_step_is_a_dependency_error() -> None:
    refusing = Recorder(ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SendMessage"))
    with pytest.raises(DependencyUnavailableError, match="AccessDenied"):
        _send(refusing, STEP, 2 * SECOND)


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "null", "[]", "{}", "5",
        *(json.dumps({other: FIELDS[other] for other in FIELDS if other != name}) for name in FIELDS),
        *(json.dumps({**FIELDS, name: value}) for name, value in (
            ("accountId", 5), ("webhookId", "nope"), ("webhookId", None), ("number", "x"), ("number", None),
        )),
    ],
)  # fmt: skip
def test_malformed_step_message_is_refused(body: str) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        step_from_json(body)
