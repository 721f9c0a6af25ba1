"""The worker of the drain queue, with deliveries that are parked over a rate limit or during a pause."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook.webhooks import rate_limiter
from local.receiver import Behaviour, Receiver
from tests.functions.callers import OTHER_ACCOUNT, admin, made_webhook, published
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud, failed_ids, record
from tests.functions.conftest import CheckFaults, Fail
from tests.functions.ending_process import POST
from tests.functions.environment import DELIVERY_QUEUE, DRAIN_QUEUE, EVENT_QUEUE, RETRY_QUEUE
from tests.functions.pausing import parked, paused, set_status
from tests.functions.world import World
from tests.template_tables import DELIVERIES

pytestmark = pytest.mark.usefixtures("no_waits_in_drains")

WORKER = "drain_deliveries"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "any")
ONE_A_DAY = {"limit": 1, "windowSeconds": 86_400}


def limited(cloud: Cloud, receiver: Receiver, *, events: int = 4) -> dict[str, Any]:
    """Create a webhook with a limit of one attempt a day. One attempt was made, and the other deliveries are parked."""
    webhook = made_webhook(receiver.url("/"), rateLimit=ONE_A_DAY)
    for number in range(events):
        published(id=f"evt-{number}")
        cloud.run_event_path()
        time.sleep(0.002)  # acceptance times are in milliseconds
    assert parked(cloud) == [f"evt-{number}" for number in range(1, events)]
    return webhook


def set_limit(webhook: dict[str, Any], limit: dict[str, int] | None = None) -> None:
    assert call("update_webhook", admin(), object_id=webhook["id"], body={"rateLimit": limit}).status == 200


def move_reservation(cloud: Cloud, seconds: float) -> None:
    """Make the next reservation of a limit of one attempt a day free in `seconds`."""
    (item,) = [item for item in cloud.items(DELIVERIES) if item["pk"].startswith("RESERVATIONS#")]
    cloud.put(DELIVERIES, {**item, "lastReserved": int((time.time() + seconds - 86_400) * 1_000_000)})


def received(receiver: Receiver) -> list[str]:
    return [json.loads(request.body)["id"] for request in receiver.requests()]


def made(webhook: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Return the number, the trigger and the status of each attempt, newest first."""
    listed = call("list_webhook_deliveries", admin(), object_id=webhook["id"]).body["data"]
    return [(each["attempt"], each["trigger"], each["status"]) for each in listed]


# ---- Over the rate limit ----


def test_deliveries_over_the_limit_share_one_drain_and_message(cloud: Cloud, receiver: Receiver) -> None:
    limited(cloud, receiver)
    for _ in range(3):
        assert (cloud.waiting(DRAIN_QUEUE), cloud.waiting(RETRY_QUEUE)) == (1, 0)
        cloud.take_step()
    assert (received(receiver), len(parked(cloud))) == (["evt-0"], 3)


def test_delivery_within_reach_is_released_oldest_first(cloud: Cloud, receiver: Receiver) -> None:
    limited(cloud, receiver)
    move_reservation(cloud, 60)
    cloud.take_step()
    assert (parked(cloud), cloud.waiting(RETRY_QUEUE)) == (["evt-2", "evt-3"], 1)
    assert cloud.drain(RETRY_QUEUE, "retry_webhook") == []
    assert received(receiver) == ["evt-0"]
    move_reservation(cloud, 0)
    cloud.take_step()
    assert cloud.drain(RETRY_QUEUE, "retry_webhook") == []
    assert received(receiver) == ["evt-0", "evt-2"]


def test_new_task_reaches_half_as_far_as_parked_deliveries(cloud: Cloud, receiver: Receiver) -> None:
    """The next free reservation is ten minutes away. A parked delivery may take it, and a new task may not."""
    assert rate_limiter.REACH < timedelta(minutes=10) < 2 * rate_limiter.REACH
    limited(cloud, receiver, events=2)
    move_reservation(cloud, 600)
    published(id="evt-9")
    cloud.run_event_path()
    assert (parked(cloud), cloud.waiting(RETRY_QUEUE)) == (["evt-1", "evt-9"], 0)
    cloud.take_step()
    assert (parked(cloud), cloud.waiting(RETRY_QUEUE)) == (["evt-9"], 1)


def test_removed_limit_releases_all_and_a_new_limit_starts_a_drain(cloud: Cloud, receiver: Receiver) -> None:
    webhook = limited(cloud, receiver)
    set_limit(webhook)
    cloud.run_drains()
    assert (sorted(received(receiver)), parked(cloud)) == ([f"evt-{number}" for number in range(4)], [])
    set_limit(webhook, ONE_A_DAY)
    for number in (5, 6):
        published(id=f"evt-{number}")
        cloud.run_event_path()
    assert (len(parked(cloud)), cloud.waiting(DRAIN_QUEUE)) == (2, 1)


def test_delivery_parked_twice_is_delivered_once(cloud: Cloud, receiver: Receiver) -> None:
    webhook = limited(cloud, receiver, events=2)
    published(id="evt-9")
    cloud.drain(EVENT_QUEUE, "fan_out_event")
    batch = cloud.batch(DELIVERY_QUEUE, "deliver_webhook")
    for _ in range(2):
        assert failed_ids(invoke("deliver_webhook", batch)) == []
        time.sleep(0.002)
    assert parked(cloud) == ["evt-1", "evt-9", "evt-9"]
    set_limit(webhook)
    cloud.take_step()
    assert (parked(cloud), cloud.waiting(RETRY_QUEUE)) == ([], 2)
    cloud.run_drains()
    assert sorted(received(receiver)) == ["evt-0", "evt-1", "evt-9"]


@pytest.mark.parametrize(
    ("service", "operation"),
    [("dynamodb", "BatchWriteItem"), ("dynamodb", "GetItem"), ("sqs", "SendMessage")],
)
def test_task_that_cannot_be_parked_is_returned(
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
    assert cloud.waiting(DRAIN_QUEUE) == 1
    assert set(parked(cloud)) == {"evt-0", "evt-1"}  # the first run used up the reservation


# ---- During a pause ----


def test_parked_deliveries_are_sent_once_each_after_the_pause(cloud: Cloud, receiver: Receiver) -> None:
    webhook = paused(cloud, receiver, events=5)
    waiting = [cloud.waiting(queue) for queue in (DRAIN_QUEUE, RETRY_QUEUE, DELIVERY_QUEUE)]
    assert (receiver.requests(), len(parked(cloud)), waiting) == ([], 5, [0, 0, 0])
    set_status(webhook, "active")
    cloud.run_drains()
    assert (parked(cloud), sorted(received(receiver))) == ([], [f"evt-acme-{number}" for number in range(5)])
    assert made(webhook) == [(1, "event", "success")] * 5


def test_retry_and_manual_retry_are_parked_until_the_pause_ends(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[500, 200]))
    webhook = made_webhook(receiver.url("/"))
    published()
    cloud.run_event_path()
    for expected in ([(2, "retry", "success")], [(3, "manual", "success"), (2, "retry", "success")]):
        set_status(webhook, "paused")
        assert cloud.drain(RETRY_QUEUE, "retry_webhook") == []
        assert (len(receiver.requests()), len(parked(cloud))) == (len(expected), 1)
        set_status(webhook, "active")
        cloud.run_drains()
        assert made(webhook) == [*expected, (1, "event", "failed")]
        path = {"deliveryId": receiver.requests()[0].headers["webhook-id"]}
        assert call("retry_webhook_delivery", admin(), object_id=webhook["id"], path=path).status == 202


def test_parked_deliveries_of_other_webhooks_stay_parked(cloud: Cloud, receiver: Receiver) -> None:
    resumed = paused(cloud, receiver)
    paused(cloud, receiver, account_id=OTHER_ACCOUNT)
    set_status(resumed, "active")
    cloud.run_drains()
    assert parked(cloud) == [f"evt-{OTHER_ACCOUNT}-{number}" for number in range(3)]
    assert {request.headers["x-latchhook-webhook-id"] for request in receiver.requests()} == {resumed["id"]}


@pytest.mark.parametrize("steps", [0, 1])
def test_webhook_paused_again_keeps_its_parked_deliveries(steps: int, cloud: Cloud, receiver: Receiver) -> None:
    """The next pause begins before or after the release of the deliveries."""
    webhook = paused(cloud, receiver)
    set_status(webhook, "active")
    for _ in range(steps):
        cloud.take_step()
    set_status(webhook, "paused")
    cloud.run_drains()
    assert (receiver.requests(), len(parked(cloud))) == ([], 3)
    set_status(webhook, "active")
    cloud.run_drains()
    assert (parked(cloud), len(receiver.requests())) == ([], 3)


# ---- After other changes ----

waiting_webhook = pytest.mark.parametrize("make", [limited, paused], ids=["over the limit", "paused"])


@waiting_webhook
def test_parked_deliveries_are_missed_once_the_webhook_is_disabled(
    make: Callable[..., dict[str, Any]], cloud: Cloud, receiver: Receiver
) -> None:
    webhook = make(cloud, receiver)
    waiting, before = parked(cloud), receiver.requests()
    set_status(webhook, "disabled")
    cloud.run_drains()
    assert (parked(cloud), set(parked(cloud, "DISABLED")) >= set(waiting)) == ([], True)
    assert receiver.requests() == before


def test_pause_keeps_deliveries_parked_over_the_limit(cloud: Cloud, receiver: Receiver) -> None:
    webhook = limited(cloud, receiver)
    set_status(webhook, "paused")
    cloud.run_drains()
    assert (len(parked(cloud)), cloud.waiting(DRAIN_QUEUE)) == (3, 0)
    set_limit(webhook)
    set_status(webhook, "active")
    cloud.run_drains()
    assert sorted(received(receiver)) == [f"evt-{number}" for number in range(4)]


def test_parked_deliveries_of_a_deleted_webhook_are_never_sent(cloud: Cloud, receiver: Receiver) -> None:
    """A new default webhook has the same id and does not get them either."""
    call("put_webhook_settings", admin(), body={"webhookUrl": receiver.url("/")})
    (default,) = call("list_webhooks", admin()).body["data"]
    set_status(default, "paused")
    published()
    cloud.run_event_path()
    assert len(parked(cloud)) == 1
    call("delete_webhook", admin(), object_id=default["id"])
    cloud.run_drains()
    assert parked(cloud) == []
    call("put_webhook_settings", admin(), body={"webhookUrl": receiver.url("/")})
    (recreated,) = call("list_webhooks", admin()).body["data"]
    assert recreated["id"] == default["id"]
    for status in ("paused", "active"):
        set_status(recreated, status)
    cloud.run_drains()
    assert receiver.requests() == []


# ---- Messages and outages ----


@pytest.mark.parametrize("body", ["{", "{}", "[]", '{"accountId": 7}', json.dumps({"accountId": "a"})])
def test_malformed_message_is_returned_alone(body: str) -> None:
    good = own_event(WORKER)["Records"][0]
    assert failed_ids(invoke(WORKER, {"Records": [record(WORKER, body, messageId="bad"), good]})) == ["bad"]


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
    set_limit(limited(cloud, receiver))
    batch = cloud.batch(DRAIN_QUEUE, WORKER)
    with fail_operation(service, operation, DENIED):
        assert len(failed_ids(invoke(WORKER, batch))) == 1
    assert cloud.drain_batch(batch, DRAIN_QUEUE, WORKER) == []
    cloud.run_drains()
    assert sorted(received(receiver)) == [f"evt-{number}" for number in range(4)]
    assert parked(cloud) == []


def test_parked_deliveries_are_sent_after_a_crash_at_any_call(check_every_fault: CheckFaults) -> None:
    def prepare(world: World) -> dict[str, Any]:
        webhook = made_webhook(world.receiver.url("/"), rateLimit=ONE_A_DAY)
        for number in range(3):
            published(id=f"evt-{number}")
        return webhook

    def scenario(world: World, webhook: dict[str, Any]) -> None:
        with world.watched():
            for queue in (EVENT_QUEUE, DELIVERY_QUEUE):
                while world.work(queue):
                    pass
            world.work(DRAIN_QUEUE)
            world.send_request(lambda: set_limit(webhook))
            world.settle()
        assert parked(world.cloud) == []
        assert sorted(len(records) for records in world.attempts("/").values()) == [1, 1, 1]

    calls = check_every_fault(scenario, prepare=prepare)
    assert {"dynamodb.BatchWriteItem", "dynamodb.Query", "sqs.SendMessage", "sqs.SendMessageBatch", POST} <= set(calls)
