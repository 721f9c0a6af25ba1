"""The worker of the backlog queue."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook.webhooks import pacing
from local.receiver import Receiver
from tests.functions.callers import admin, made_webhook, published
from tests.functions.calls import call, invoke
from tests.functions.cloud import Cloud, failed_ids
from tests.functions.conftest import CheckFaults, Fail
from tests.functions.environment import BACKLOG_QUEUE, DELIVERY_QUEUE, EVENT_QUEUE, RETRY_QUEUE
from tests.functions.faults import POST, World
from tests.template_tables import DELIVERIES

pytestmark = pytest.mark.usefixtures("no_waits_in_backlogs")

WORKER = "release_backlog"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "any")
ONE_A_DAY = {"limit": 1, "windowSeconds": 86_400}


def waiting(cloud: Cloud) -> list[str]:
    """Return the event ids in backlogs, oldest first."""
    found = [item for item in cloud.items(DELIVERIES) if item["pk"].startswith("BACKLOG#")]
    return [str(item["eventId"]) for item in sorted(found, key=lambda item: str(item["sk"]))]


def backlogged(cloud: Cloud, receiver: Receiver, *, events: int = 4) -> dict[str, Any]:
    """Create a webhook with a limit of one attempt a day. One attempt was made, and the other events are in its
    backlog.
    """
    webhook = made_webhook(receiver.url("/"), rateLimit=ONE_A_DAY)
    for number in range(events):
        published(id=f"evt-{number}")
        cloud.run_event_path()
        time.sleep(0.002)  # acceptance times are in milliseconds
    assert waiting(cloud) == [f"evt-{number}" for number in range(1, events)]
    return webhook


def take_step(cloud: Cloud) -> None:
    assert cloud.drain(BACKLOG_QUEUE, WORKER) == []


def run_to_its_end(cloud: Cloud) -> None:
    while cloud.waiting(BACKLOG_QUEUE) or cloud.waiting(RETRY_QUEUE):
        take_step(cloud)
        assert cloud.drain(RETRY_QUEUE, "retry_webhook") == []


def received(receiver: Receiver) -> list[str]:
    return [json.loads(request.body)["id"] for request in receiver.requests()]


def test_deliveries_without_a_reservation_share_one_backlog_and_message(cloud: Cloud, receiver: Receiver) -> None:
    backlogged(cloud, receiver)
    assert received(receiver) == ["evt-0"]
    assert (cloud.waiting(BACKLOG_QUEUE), cloud.waiting(RETRY_QUEUE)) == (1, 0)
    for _ in range(3):
        take_step(cloud)
        assert (cloud.waiting(BACKLOG_QUEUE), cloud.waiting(RETRY_QUEUE)) == (1, 0)
    assert len(waiting(cloud)) == 3


def test_delivery_within_reach_is_released_oldest_first(cloud: Cloud, receiver: Receiver) -> None:
    backlogged(cloud, receiver)
    (pace,) = [item for item in cloud.items(DELIVERIES) if item["sk"] == "PACE"]
    in_a_minute = int((time.time() + 60) * 1_000_000)
    cloud.put(DELIVERIES, {**pace, "lastSlot": in_a_minute - 86_400_000_000})
    take_step(cloud)
    assert (waiting(cloud), cloud.waiting(RETRY_QUEUE)) == (["evt-2", "evt-3"], 1)
    assert cloud.drain(RETRY_QUEUE, "retry_webhook") == []
    assert received(receiver) == ["evt-0"]
    cloud.put(DELIVERIES, {**pace, "lastSlot": int(time.time() * 1_000_000) - 86_400_000_000})
    take_step(cloud)
    assert cloud.drain(RETRY_QUEUE, "retry_webhook") == []
    assert received(receiver) == ["evt-0", "evt-2"]


def test_removing_the_rate_limit_releases_the_whole_backlog(cloud: Cloud, receiver: Receiver) -> None:
    webhook = backlogged(cloud, receiver)
    call("update_webhook", admin(), object_id=webhook["id"], body={"rateLimit": None})
    run_to_its_end(cloud)
    assert sorted(received(receiver)) == [f"evt-{number}" for number in range(4)]
    assert waiting(cloud) == []
    (chain,) = [item for item in cloud.items(DELIVERIES) if item["sk"] == "RELEASE"]
    assert chain["step"] < 0


def test_new_backlog_starts_a_new_chain_of_steps(cloud: Cloud, receiver: Receiver) -> None:
    webhook = backlogged(cloud, receiver, events=2)
    for limit, numbers in ((None, []), (ONE_A_DAY, [5, 6])):
        call("update_webhook", admin(), object_id=webhook["id"], body={"rateLimit": limit})
        for number in numbers:
            published(id=f"evt-{number}")
            cloud.run_event_path()
        if limit is None:
            run_to_its_end(cloud)
    assert (len(waiting(cloud)), cloud.waiting(BACKLOG_QUEUE)) == (2, 1)


@pytest.mark.parametrize("status", ["paused", "deleted"])
def test_backlog_of_an_inactive_webhook_is_parked_or_dropped(status: str, cloud: Cloud, receiver: Receiver) -> None:
    webhook = backlogged(cloud, receiver)
    if status == "deleted":
        call("delete_webhook", admin(), object_id=webhook["id"])
    else:
        call("update_webhook", admin(), object_id=webhook["id"], body={"status": status})
    run_to_its_end(cloud)
    held = [item for item in cloud.items(DELIVERIES) if item["pk"].startswith("HELD#")]
    assert (waiting(cloud), len(held), received(receiver)) == ([], 3 if status == "paused" else 0, ["evt-0"])


def test_repeated_task_in_a_backlog_is_delivered_once(cloud: Cloud, receiver: Receiver) -> None:
    webhook = backlogged(cloud, receiver, events=2)
    published(id="evt-9")
    cloud.drain(EVENT_QUEUE, "fan_out_event")
    batch = cloud.batch(DELIVERY_QUEUE, "deliver_webhook")
    for _ in range(2):
        assert failed_ids(invoke("deliver_webhook", batch)) == []
        time.sleep(0.002)
    assert waiting(cloud) == ["evt-1", "evt-9", "evt-9"]
    call("update_webhook", admin(), object_id=webhook["id"], body={"rateLimit": None})
    take_step(cloud)
    assert (waiting(cloud), cloud.waiting(RETRY_QUEUE)) == ([], 2)
    run_to_its_end(cloud)
    assert received(receiver) == ["evt-0", "evt-1", "evt-9"]


@pytest.mark.parametrize(
    ("service", "operation"),
    [("dynamodb", "BatchWriteItem"), ("dynamodb", "GetItem"), ("sqs", "SendMessage")],
)
def test_task_that_cannot_be_stored_in_a_backlog_is_returned(
    service: str, operation: str, cloud: Cloud, receiver: Receiver, fail_operation: Fail
) -> None:
    made_webhook(receiver.url("/"), rateLimit=ONE_A_DAY)
    for number in range(2):
        published(id=f"evt-{number}")
        cloud.drain(EVENT_QUEUE, "fan_out_event")
    batch = cloud.batch(DELIVERY_QUEUE, "deliver_webhook")
    with fail_operation(service, operation, DENIED):
        assert len(failed_ids(invoke("deliver_webhook", batch))) == 2
    assert failed_ids(invoke("deliver_webhook", batch)) == []
    assert cloud.waiting(BACKLOG_QUEUE) == 1
    assert set(waiting(cloud)) == {"evt-0", "evt-1"}  # the first run used up the reservation


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("dynamodb", "GetItem"),
        ("dynamodb", "Query"),
        ("dynamodb", "UpdateItem"),
        ("dynamodb", "BatchWriteItem"),
        ("sqs", "SendMessage"),
        ("sqs", "SendMessageBatch"),
    ],
)
def test_outage_returns_the_step_and_loses_no_delivery(
    service: str, operation: str, cloud: Cloud, receiver: Receiver, fail_operation: Fail
) -> None:
    webhook = backlogged(cloud, receiver)
    call("update_webhook", admin(), object_id=webhook["id"], body={"rateLimit": None})
    batch = cloud.batch(BACKLOG_QUEUE, WORKER)
    with fail_operation(service, operation, DENIED):
        assert len(failed_ids(invoke(WORKER, batch))) == 1
    assert cloud.drain_batch(batch, BACKLOG_QUEUE, WORKER) == []
    run_to_its_end(cloud)
    assert sorted(received(receiver)) == [f"evt-{number}" for number in range(4)]
    assert waiting(cloud) == []


def test_backlog_is_delivered_after_a_crash_at_any_call(check_every_fault: CheckFaults) -> None:
    def scenario(world: World) -> None:
        webhook = made_webhook(world.receiver.url("/"), rateLimit=ONE_A_DAY)
        for number in range(3):
            published(id=f"evt-{number}")
        with world.watched():
            for queue in (EVENT_QUEUE, DELIVERY_QUEUE):
                while world.work(queue):
                    pass
            world.work(BACKLOG_QUEUE)
            lifted = {"rateLimit": None}
            response = world.send_request(lambda: call("update_webhook", admin(), object_id=webhook["id"], body=lifted))
            assert response.status == 200
            world.settle()
        assert waiting(world.cloud) == []
        assert sorted(len(records) for records in world.attempts("/").values()) == [1, 1, 1]

    calls = check_every_fault(scenario)
    assert {"dynamodb.BatchWriteItem", "dynamodb.Query", "sqs.SendMessage", "sqs.SendMessageBatch", POST} <= set(calls)


def test_new_task_reaches_half_as_far_as_the_backlog(cloud: Cloud, receiver: Receiver) -> None:
    """The next free reservation is ten minutes away. A delivery of the backlog may take it, and a new task may not."""
    assert pacing.REACH < timedelta(minutes=10) < 2 * pacing.REACH
    backlogged(cloud, receiver, events=2)
    (pace,) = [item for item in cloud.items(DELIVERIES) if item["sk"] == "PACE"]
    cloud.put(DELIVERIES, {**pace, "lastSlot": int((time.time() + 600 - 86_400) * 1_000_000)})
    published(id="evt-9")
    cloud.run_event_path()
    assert (waiting(cloud), cloud.waiting(RETRY_QUEUE)) == (["evt-1", "evt-9"], 0)
    take_step(cloud)
    assert (waiting(cloud), cloud.waiting(RETRY_QUEUE)) == (["evt-9"], 1)
