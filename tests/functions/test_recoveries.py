"""The worker of the drain queue, with deliveries of recoveries."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook.storage import recoverable_deliveries
from latchhook.webhooks import recovery_scan
from latchhook.webhooks.recovery_scan import MOST_SENT
from local.receiver import Behaviour, Receiver
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, made_webhook, published
from tests.functions.calls import call, invoke
from tests.functions.cloud import Cloud, failed_ids
from tests.functions.conftest import CheckFaults, Fail
from tests.functions.ending_process import POST
from tests.functions.environment import DELIVERY_QUEUE, DRAIN_QUEUE, EVENT_QUEUE, RETRY_QUEUE
from tests.functions.pausing import set_status
from tests.functions.recovering import PATH, disabled, enabled, failing, get, recover, started
from tests.functions.world import World
from tests.template_tables import DELIVERIES

pytestmark = pytest.mark.usefixtures("no_waits_in_drains")

WORKER = "drain_deliveries"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "any")


def made(webhook: dict[str, Any], account_id: str = ACCOUNT) -> list[tuple[str, int, str, str]]:
    """Return the event, number, trigger and status of each attempt, oldest event first."""
    listed = call("list_webhook_deliveries", admin(account_id), object_id=webhook["id"], query={"limit": "100"}).body
    return [(each["eventId"], each["attempt"], each["trigger"], each["status"]) for each in reversed(listed["data"])]


def test_failed_delivery_is_sent_again_with_the_same_webhook_id(cloud: Cloud, receiver: Receiver) -> None:
    webhook = failing(cloud, receiver, events=2)
    before = receiver.requests()
    recovery = started(webhook, only="failed")
    cloud.run_drains()
    assert made(webhook) == [
        ("failed-0", 1, "event", "failed"),
        ("failed-0", 2, "recover", "success"),
        ("failed-1", 1, "event", "failed"),
        ("failed-1", 2, "recover", "success"),
    ]
    after = receiver.requests()[2:]
    assert {each.headers["webhook-id"]: each.body for each in after} == {
        each.headers["webhook-id"]: each.body for each in before
    }
    seen = get(recovery).body
    assert (seen["status"], seen["examined"], seen["sent"]) == ("finished", 2, 2)


def test_events_missed_while_disabled_are_delivered(cloud: Cloud, receiver: Receiver) -> None:
    webhook = disabled(cloud, receiver)
    assert len(receiver.requests()) == 1
    webhook = enabled(webhook)
    recovery = started(webhook, since=webhook["recoverSince"], only="missing")
    cloud.run_drains()
    assert made(webhook) == [
        ("gone", 1, "event", "failed"),
        *((f"missed-{number}", 1, "recover", "success") for number in range(3)),
    ]
    seen = get(recovery).body
    assert (seen["status"], seen["examined"], seen["sent"]) == ("finished", 3, 3)


def test_recovery_since_the_offer_sends_failed_and_missed_deliveries(cloud: Cloud, receiver: Receiver) -> None:
    webhook = enabled(disabled(cloud, receiver))
    recovery = started(webhook, since=webhook["recoverSince"])
    cloud.run_drains()
    delivered = {event_id for event_id, _, _, status in made(webhook) if status == "success"}
    assert delivered == {"gone", "missed-0", "missed-1", "missed-2"}
    assert get(recovery).body["sent"] == 4


def test_second_recovery_sends_nothing(cloud: Cloud, receiver: Receiver) -> None:
    webhook = enabled(disabled(cloud, receiver))
    started(webhook)
    cloud.run_drains()
    again = started(webhook)
    cloud.run_drains()
    assert (get(again).body["examined"], get(again).body["sent"]) == (4, 0)
    assert len(receiver.requests()) == 5


def test_delivery_in_progress_when_disabled_is_recovered_as_missing(cloud: Cloud, receiver: Receiver) -> None:
    """The fan-out ran while the webhook was active, and the attempt was due after it was disabled."""
    webhook = made_webhook(receiver.url(PATH))
    receiver.response(PATH, Behaviour(statuses=[410]))
    for number in range(3):
        published(id=f"evt-{number}")
        cloud.drain(EVENT_QUEUE, "fan_out_event")
    first, *later = cloud.batch(DELIVERY_QUEUE, "deliver_webhook")["Records"]
    for records in ([first], later):
        assert failed_ids(invoke("deliver_webhook", {"Records": records})) == []
    receiver.response(PATH, Behaviour())
    assert len(receiver.requests()) == 1
    started(enabled(webhook), only="missing")
    cloud.run_drains()
    assert len(receiver.requests()) == 3


def test_events_not_subscribed_or_matched_are_not_missed(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response(PATH, Behaviour(statuses=[410]))
    webhook = made_webhook(
        receiver.url(PATH), events=["order.*"], filter={"entity": {"number": [{"numeric": [">", 5]}]}}
    )
    published(entity={"number": 6})
    cloud.run_event_path()
    for event, number in (("order.paid", 5), ("lap.created", 6), ("order.paid", 6)):
        published(event=event, entity={"number": number}, id=f"{event}-{number}")
    cloud.run_event_path()
    receiver.response(PATH, Behaviour())
    started(enabled(webhook), only="missing")
    cloud.run_drains()
    assert [event_id for event_id, _, trigger, _ in made(webhook) if trigger == "recover"] == ["order.paid-6"]


def test_test_deliveries_are_not_recovered(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response(PATH, Behaviour(statuses=[500]))
    webhook = made_webhook(receiver.url(PATH))
    call("send_test_delivery", admin(), object_id=webhook["id"])
    recovery = started(webhook)
    cloud.run_drains()
    assert (len(receiver.requests()), get(recovery).body["sent"]) == (1, 0)


def test_other_webhooks_are_not_affected(cloud: Cloud, receiver: Receiver) -> None:
    webhook = failing(cloud, receiver)
    failing(cloud, receiver, account_id=OTHER_ACCOUNT)
    before = len(receiver.requests())
    started(webhook)
    cloud.run_drains()
    assert {each.headers["x-latchhook-webhook-id"] for each in receiver.requests()[before:]} == {webhook["id"]}


def test_recovered_attempt_is_not_repeated_by_its_schedule(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response(PATH, Behaviour(statuses=[500]))
    webhook = made_webhook(receiver.url(PATH), retryScheduleSeconds=[3600])
    published(id="evt")
    cloud.run_event_path()
    receiver.response(PATH, Behaviour())
    started(webhook)
    cloud.run_drains()
    (schedule,) = cloud.schedules()
    cloud.run_schedule(schedule)
    assert cloud.drain(RETRY_QUEUE, "retry_webhook") == []
    assert made(webhook) == [("evt", 1, "event", "failed"), ("evt", 2, "recover", "success")]


def test_failed_recovery_attempt_continues_the_retry_schedule(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response(PATH, Behaviour(statuses=[500]))
    webhook = made_webhook(receiver.url(PATH), retryScheduleSeconds=[3600, 7200])
    published()
    cloud.run_event_path()
    started(webhook)
    cloud.run_drains()
    assert sorted(each["Name"][-2:] for each in cloud.schedules()) == ["-2", "-3"]


def test_recovery_does_not_use_the_fast_queue(cloud: Cloud, receiver: Receiver) -> None:
    webhook = enabled(disabled(cloud, receiver))
    started(webhook)
    cloud.take_step()
    assert (cloud.waiting(DELIVERY_QUEUE), cloud.waiting(RETRY_QUEUE)) == (0, 4)


def test_many_deliveries_are_sent_in_steps_of_a_hundred(cloud: Cloud, receiver: Receiver) -> None:
    webhook = failing(cloud, receiver, events=1)
    (first,) = [item for item in cloud.items(DELIVERIES) if item["pk"].startswith("WEBHOOK#")]
    delivery, number = first["sk"].split("#")
    for more in range(1, 2 * MOST_SENT + 20):
        cloud.put(DELIVERIES, {**first, "sk": f"{delivery[:-4]}{more:04x}#{number}"})
    recovery = started(webhook)
    counts: list[tuple[str, int, int]] = []
    while not counts or cloud.waiting(DRAIN_QUEUE):
        cloud.take_step()
        seen = get(recovery).body
        counts.append((seen["status"], seen["examined"], seen["sent"]))
    assert counts == [("running", 100, 100), ("running", 200, 200), ("finished", 220, 220)]
    assert cloud.waiting(RETRY_QUEUE) == 220


def test_recovery_waits_while_the_webhook_is_paused(cloud: Cloud, receiver: Receiver) -> None:
    webhook = failing(cloud, receiver)
    recovery = started(webhook)
    set_status(webhook, "paused")
    cloud.run_drains()
    assert (get(recovery).body["status"], len(receiver.requests())) == ("running", 3)
    set_status(webhook, "active")
    cloud.run_drains()
    assert (get(recovery).body["status"], len(receiver.requests())) == ("finished", 6)


@pytest.mark.parametrize("became", ["deleted", "disabled"])
def test_recovery_of_an_inactive_webhook_is_cancelled(became: str, cloud: Cloud, receiver: Receiver) -> None:
    webhook = failing(cloud, receiver)
    recovery = started(webhook)
    if became == "deleted":
        call("delete_webhook", admin(), object_id=webhook["id"])
    else:
        receiver.response(PATH, Behaviour(statuses=[410]))
        published()
        cloud.run_event_path()
    cloud.run_drains()
    assert cloud.audit(ACCOUNT)[-1] == "webhook.recovery_cancelled"
    kept = [item for item in cloud.items(DELIVERIES) if item["sk"] == recovery["id"]]
    assert [(item["status"], item["sent"]) for item in kept] == [("cancelled", 0)]
    assert [item for item in cloud.items(DELIVERIES) if item["pk"].startswith("RECOVERING#")] == []


def test_expired_event_is_skipped(cloud: Cloud, receiver: Receiver) -> None:
    """The delivery is as old as the retention of events. DynamoDB deletes it later."""
    webhook = failing(cloud, receiver, events=1)
    (item,) = [item for item in cloud.items(DELIVERIES) if item["pk"].startswith("WEBHOOK#")]
    old = f"018f0000-0000-8{item['sk'][15:]}"
    cloud.put(DELIVERIES, {**item, "sk": old, "eventId": "long gone"})
    recovery = started(webhook)
    cloud.run_drains()
    seen = get(recovery).body
    assert (seen["examined"], seen["sent"], seen["skipped"]) == (2, 1, 1)


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("dynamodb", "GetItem"),
        ("dynamodb", "Query"),
        ("dynamodb", "PutItem"),
        ("dynamodb", "UpdateItem"),
        ("dynamodb", "BatchWriteItem"),
        ("dynamodb", "TransactWriteItems"),
        ("sqs", "SendMessage"),
        ("sqs", "SendMessageBatch"),
    ],
)
def test_outage_returns_the_step_and_loses_no_delivery(
    service: str,
    operation: str,
    cloud: Cloud,
    receiver: Receiver,
    fail_operation: Fail,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The recovery needs a second step, so the first step also sends a message."""
    recovery = started(enabled(disabled(cloud, receiver)))
    if (service, operation) == ("sqs", "SendMessage"):
        monkeypatch.setattr(recovery_scan, "MOST_SENT", 2)
    assert cloud.run_streams(worker="StartDrains") == []
    batch = cloud.batch(DRAIN_QUEUE, WORKER)
    with fail_operation(service, operation, DENIED):
        assert len(failed_ids(invoke(WORKER, batch))) == 1
    assert cloud.drain_batch(batch, DRAIN_QUEUE, WORKER) == []
    cloud.run_drains()
    assert (get(recovery).body["status"], len(receiver.requests())) == ("finished", 5)


def test_repeated_step_sends_nothing_twice(cloud: Cloud, receiver: Receiver) -> None:
    webhook = failing(cloud, receiver)
    started(webhook)
    assert cloud.run_streams(worker="StartDrains") == []
    message = cloud.batch(DRAIN_QUEUE, WORKER)
    for _ in range(2):
        assert failed_ids(invoke(WORKER, message)) == []
    assert cloud.waiting(RETRY_QUEUE) == 3
    assert recover(webhook).status == 202


def test_recovery_finishes_after_a_crash_at_any_call(
    check_every_fault: CheckFaults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Watch the start and two steps."""
    monkeypatch.setattr(recoverable_deliveries, "PAGE", 2)
    monkeypatch.setattr(recovery_scan, "MOST_SENT", 2)

    def prepare(world: World) -> dict[str, Any]:
        return enabled(disabled(world.cloud, world.receiver, events=2))

    def scenario(world: World, webhook: dict[str, Any]) -> None:
        with world.watched():
            asked = world.send_request(lambda: recover(webhook))
            world.settle()
        assert asked.status in {202, 409}  # 409 if the response to the start was lost
        (recovery,) = call("list_webhook_recoveries", admin(), object_id=webhook["id"]).body["data"]
        assert recovery["status"] == "finished"
        assert (recovery["sent"] <= 3, recovery["skipped"]) == (True, 0)  # a repeated step does not count again
        attempts = world.attempts(PATH).values()
        assert sorted([str(each["status"]) for each in records] for records in attempts) == [
            ["failed", "success"],
            ["success"],
            ["success"],
        ]
        owners = {str(item["pk"]).partition("#")[0] for item in world.cloud.items(DELIVERIES)}
        assert "RECOVERING" not in owners
        assert world.cloud.audit(ACCOUNT).count("webhook.recovery_finished") == 1

    calls = check_every_fault(scenario, prepare=prepare)
    assert {"dynamodb.TransactWriteItems", "dynamodb.UpdateItem", "sqs.SendMessageBatch", POST} <= set(calls)
