"""The queues of recovery steps and of backlog release steps return steps unchanged."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.transport.step_queues import (
    StepQueue,
    recovery_step_from_json,
    recovery_step_to_json,
    release_step_from_json,
    release_step_to_json,
)
from latchhook.webhooks import backlog, recovery, recovery_steps
from latchhook.webhooks.backlog import ReleaseStep
from latchhook.webhooks.recovery import Step
from tests.samples import ACCOUNT, MILLISECOND, NOW, SECOND, webhook
from tests.samples import recovery as a_recovery


class Kind(NamedTuple):
    """A step with its functions for JSON."""

    step: Any
    to_json: Callable[[Any], str]
    from_json: Callable[[str], Any]


RECOVERY = Kind(
    Step(ACCOUNT, webhook().id, a_recovery().id, 7, NOW + MILLISECOND), recovery_step_to_json, recovery_step_from_json
)
RELEASE = Kind(ReleaseStep(ACCOUNT, webhook().id, 7), release_step_to_json, release_step_from_json)

WAITING = RECOVERY._replace(step=replace(RECOVERY.step, waits=3))
IDLE = RELEASE._replace(step=replace(RELEASE.step, idle=3))

each_kind = pytest.mark.parametrize(
    "kind", [RECOVERY, RELEASE, WAITING, IDLE], ids=["recovery", "release", "waiting", "idle"]
)


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


def _send(client: Any, kind: Kind, delay: timedelta) -> None:
    StepQueue(lambda: client, kind.to_json, url="https://queue/steps").send(kind.step, delay=delay)


@each_kind
@pytest.mark.parametrize(
    ("delay", "seconds"),
    [
        (timedelta(0), 0),
        (backlog.FIRST_STEP_AFTER, 2),
        (recovery.FIRST_STEP_AFTER, 2),
        (recovery_steps.STEP_EVERY, 2),
        (4.9 * SECOND, 4),
        (timedelta(minutes=7), 420),
        (timedelta(minutes=15), 900),
    ],
)
def test_step_is_sent_with_its_delay(kind: Kind, delay: timedelta, seconds: int) -> None:
    recorder = Recorder()
    _send(recorder, kind, delay)
    (request,) = recorder.requests
    assert request["QueueUrl"] == "https://queue/steps"
    assert (request["DelaySeconds"], request["MessageGroupId"]) == (seconds, str(webhook().id))
    assert kind.from_json(request["MessageBody"]) == kind.step


@each_kind
def test_refused_step_is_a_dependency_error(kind: Kind) -> None:
    refusing = Recorder(ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "SendMessage"))
    with pytest.raises(DependencyUnavailableError, match="AccessDenied"):
        _send(refusing, kind, 2 * SECOND)


@each_kind
@pytest.mark.parametrize("body", ["", "{", "null", "[]", "{}", "5"])
def test_malformed_step_message_is_refused(kind: Kind, body: str) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        kind.from_json(body)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        *((kind, *wrong) for kind in (RECOVERY, RELEASE) for wrong in (
            ("accountId", 5), ("webhookId", "nope"), ("webhookId", None), ("number", "x"), ("number", None),
        )),
        (RECOVERY, "recoveryId", "nope"), (RECOVERY, "recoveryId", None),
        (RECOVERY, "askedAt", "x"), (RECOVERY, "askedAt", None),
    ],
)  # fmt: skip
def test_step_with_an_invalid_field_is_refused(kind: Kind, field: str, value: object) -> None:
    fields = json.loads(kind.to_json(kind.step))
    assert field in fields
    with pytest.raises((KeyError, ValueError, TypeError)):
        kind.from_json(json.dumps({**fields, field: value}))


@pytest.mark.parametrize("kind", [RECOVERY, RELEASE], ids=["recovery", "release"])
def test_step_with_a_missing_field_is_refused(kind: Kind) -> None:
    fields = json.loads(kind.to_json(kind.step))
    for missing in fields:
        with pytest.raises(KeyError, match=missing):
            kind.from_json(json.dumps({name: value for name, value in fields.items() if name != missing}))
