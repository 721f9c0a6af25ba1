"""The worker that starts drains on records of the settings table's stream."""

import copy
import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.receiver import Receiver
from tests.functions.callers import made_webhook
from tests.functions.calls import invoke, own_event
from tests.functions.cloud import Cloud, failed_ids
from tests.functions.conftest import Fail
from tests.functions.environment import DRAIN_QUEUE, DRAIN_START_DEAD_LETTER_QUEUE, queue_url
from tests.functions.pausing import parked, paused, set_status

pytestmark = pytest.mark.usefixtures("no_waits_in_drains")

WORKER = "start_drains"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "any")


def resumption(cloud: Cloud) -> dict[str, Any]:
    """Return the stream record of the resumed webhook."""
    records = cloud.stream_records("SettingsTable")
    (found,) = [each for each in records if each["dynamodb"]["NewImage"].get("action") == {"S": "webhook.resumed"}]
    return found


def test_record_without_deliveries_to_release_starts_one_short_drain(cloud: Cloud) -> None:
    assert failed_ids(invoke(WORKER, own_event(WORKER))) == []
    assert cloud.waiting(DRAIN_QUEUE) == 1
    cloud.take_step()
    assert cloud.waiting(DRAIN_QUEUE) == 0


def test_changes_that_release_nothing_start_no_drain(cloud: Cloud) -> None:
    webhook = made_webhook()
    set_status(webhook, "paused")
    assert cloud.run_streams() == []
    assert cloud.waiting(DRAIN_QUEUE) == 0


def test_repeated_record_starts_no_second_drain(cloud: Cloud, receiver: Receiver) -> None:
    set_status(paused(cloud, receiver), "active")
    for _ in range(2):
        assert failed_ids(invoke(WORKER, {"Records": [resumption(cloud)]})) == []
    assert cloud.waiting(DRAIN_QUEUE) == 1


@pytest.mark.parametrize(
    ("service", "operation"), [("dynamodb", "GetItem"), ("sqs", "SendMessage"), ("dynamodb", "UpdateItem")]
)
def test_outage_returns_the_record_and_the_next_run_finishes_it(
    service: str, operation: str, cloud: Cloud, receiver: Receiver, fail_operation: Fail
) -> None:
    set_status(paused(cloud, receiver), "active")
    with fail_operation(service, operation, DENIED):
        assert len(cloud.run_streams(worker="StartDrains")) == 1
    cloud.run_drains()
    assert (parked(cloud), len(receiver.requests())) == ([], 3)


def test_unreadable_record_becomes_a_dead_letter_that_can_be_redriven(
    cloud: Cloud, receiver: Receiver, log: io.StringIO
) -> None:
    set_status(paused(cloud, receiver), "active")
    good = resumption(cloud)
    strange = copy.deepcopy(good)
    strange["dynamodb"]["NewImage"]["targetId"] = {"S": "no id"}
    assert failed_ids(invoke(WORKER, {"Records": [strange, good]})) == []
    assert cloud.waiting(DRAIN_QUEUE) == 1
    assert log.getvalue().count("stream record moved to dead-letter queue") == 1
    (letter,) = cloud.sqs.receive_message(QueueUrl=queue_url(DRAIN_START_DEAD_LETTER_QUEUE))["Messages"]
    payload = json.loads(letter["Body"])
    assert payload == {"Records": [strange]}
    cloud.run_drains()
    payload["Records"][0]["dynamodb"]["NewImage"]["targetId"]["S"] = made_webhook()["id"]
    assert failed_ids(invoke(WORKER, payload)) == []
    assert cloud.waiting(DRAIN_QUEUE) == 1
