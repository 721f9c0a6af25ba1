"""The worker that releases parked deliveries on records of the settings table's stream."""

import copy
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from latchhook.edge.scheduled_job import MARGIN_MILLIS
from local.receiver import Behaviour, Receiver
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, made_webhook, published
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud, failed_ids
from tests.functions.conftest import Fail
from tests.functions.environment import DELIVERY_QUEUE, HELD_DELIVERY_DEAD_LETTER_QUEUE, RETRY_QUEUE, queue_url
from tests.template_tables import DELIVERIES

WORKER = "release_held_deliveries"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Query")


def set_status(webhook: Mapping[str, Any], status: str, account_id: str = ACCOUNT) -> None:
    response = call("update_webhook", admin(account_id), object_id=webhook["id"], body={"status": status})
    assert (response.status, response.body["status"]) == (200, status)


def held(cloud: Cloud) -> list[dict[str, Any]]:
    return [item for item in cloud.items(DELIVERIES) if item["pk"].startswith("HELD#")]


def paused(cloud: Cloud, receiver: Receiver, *, events: int = 3, account_id: str = ACCOUNT) -> dict[str, Any]:
    """Create a paused webhook with parked deliveries."""
    webhook = made_webhook(receiver.url("/"), account_id)
    set_status(webhook, "paused", account_id)
    for number in range(events):
        published(account_id, id=f"evt-{account_id}-{number}")
    cloud.run_event_path()
    return webhook


def test_record_of_a_missing_webhook_sends_nothing(cloud: Cloud) -> None:
    before = cloud.contents()
    assert failed_ids(invoke(WORKER, own_event(WORKER))) == []
    assert cloud.contents() == before


def test_parked_deliveries_are_sent_once_each_after_the_pause(cloud: Cloud, receiver: Receiver) -> None:
    webhook = paused(cloud, receiver, events=5)
    assert (receiver.requests(), len(held(cloud)), cloud.waiting(RETRY_QUEUE)) == ([], 5, 0)
    set_status(webhook, "active")
    assert cloud.run_streams() == []
    assert held(cloud) == []
    cloud.run_event_path()
    cloud.run_event_path()
    made = call("list_webhook_deliveries", admin(), object_id=webhook["id"]).body["data"]
    assert sorted(each["eventId"] for each in made) == [f"evt-acme-{number}" for number in range(5)]
    assert {(each["attempt"], each["trigger"], each["status"]) for each in made} == {(1, "event", "success")}
    assert len(receiver.requests()) == 5
    assert "webhook.resumed" in cloud.audit(ACCOUNT)


def test_parked_deliveries_are_missed_once_the_webhook_is_disabled(cloud: Cloud, receiver: Receiver) -> None:
    webhook = paused(cloud, receiver)
    set_status(webhook, "disabled")
    assert cloud.run_streams() == []
    cloud.run_event_path()
    missed = {item["eventId"] for item in cloud.items(DELIVERIES) if item["pk"] == f"MISSED#{webhook['id']}"}
    assert {f"evt-acme-{number}" for number in range(3)} <= missed
    assert (held(cloud), receiver.requests()) == ([], [])


def test_retry_due_during_a_pause_is_parked_until_its_end(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[500, 200]))
    webhook = made_webhook(receiver.url("/"))
    published()
    cloud.run_event_path()
    set_status(webhook, "paused")
    assert cloud.drain(RETRY_QUEUE, "retry_webhook") == []
    assert (len(receiver.requests()), len(held(cloud)), cloud.waiting(RETRY_QUEUE)) == (1, 1, 0)
    set_status(webhook, "active")
    cloud.run_streams()
    cloud.run_event_path()
    made = call("list_webhook_deliveries", admin(), object_id=webhook["id"]).body["data"]
    assert [(each["attempt"], each["trigger"], each["status"]) for each in made] == [
        (2, "retry", "success"),
        (1, "event", "failed"),
    ]


def test_manual_retry_before_a_pause_is_parked_until_its_end(cloud: Cloud, receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    published()
    cloud.run_event_path()
    path = {"deliveryId": receiver.requests()[0].headers["webhook-id"]}
    assert call("retry_webhook_delivery", admin(), object_id=webhook["id"], path=path).status == 202
    set_status(webhook, "paused")
    cloud.drain(RETRY_QUEUE, "retry_webhook")
    assert len(receiver.requests()) == 1
    set_status(webhook, "active")
    cloud.run_streams()
    cloud.run_event_path()
    assert len(receiver.requests()) == 2
    made = call("get_webhook_delivery", admin(), object_id=webhook["id"], path=path).body["attempts"]
    assert [each["trigger"] for each in made] == ["manual", "event"]


def test_parked_deliveries_of_other_webhooks_stay_parked(cloud: Cloud, receiver: Receiver) -> None:
    resumed = paused(cloud, receiver)
    paused(cloud, receiver, account_id=OTHER_ACCOUNT)
    set_status(resumed, "active")
    cloud.run_streams()
    assert {item["accountId"] for item in held(cloud)} == {OTHER_ACCOUNT}
    cloud.run_event_path()
    assert {request.headers["x-latchhook-webhook-id"] for request in receiver.requests()} == {resumed["id"]}


def test_webhook_paused_again_keeps_its_parked_deliveries(cloud: Cloud, receiver: Receiver) -> None:
    webhook = paused(cloud, receiver)
    set_status(webhook, "active")
    set_status(webhook, "paused")
    assert cloud.run_streams() == []
    assert (len(held(cloud)), cloud.waiting(DELIVERY_QUEUE)) == (3, 0)
    set_status(webhook, "active")
    cloud.run_streams()
    cloud.run_event_path()
    assert (held(cloud), len(receiver.requests())) == ([], 3)


def test_released_delivery_is_parked_again_in_the_next_pause(cloud: Cloud, receiver: Receiver) -> None:
    webhook = paused(cloud, receiver)
    set_status(webhook, "active")
    cloud.run_streams()
    set_status(webhook, "paused")
    cloud.run_event_path()
    assert (receiver.requests(), len(held(cloud))) == ([], 3)


def test_parked_deliveries_of_a_deleted_webhook_are_never_sent(cloud: Cloud, receiver: Receiver) -> None:
    """A new default webhook has the same id and does not get them either."""
    call("put_webhook_settings", admin(), body={"webhookUrl": receiver.url("/")})
    (default,) = call("list_webhooks", admin()).body["data"]
    set_status(default, "paused")
    published()
    cloud.run_event_path()
    assert len(held(cloud)) == 1
    call("delete_webhook", admin(), object_id=default["id"])
    cloud.run_streams()
    assert (held(cloud), cloud.waiting(DELIVERY_QUEUE)) == ([], 0)
    call("put_webhook_settings", admin(), body={"webhookUrl": receiver.url("/")})
    (anew,) = call("list_webhooks", admin()).body["data"]
    assert anew["id"] == default["id"]
    for status in ("paused", "active"):
        set_status(anew, status)
    cloud.run_streams()
    cloud.run_event_path()
    assert receiver.requests() == []


def test_repeated_record_sends_nothing_twice(cloud: Cloud, receiver: Receiver) -> None:
    webhook = paused(cloud, receiver)
    set_status(webhook, "active")
    records = resumptions(cloud)
    for _ in range(2):
        assert failed_ids(invoke(WORKER, {"Records": records})) == []
        cloud.run_event_path()
    assert len(receiver.requests()) == 3


@pytest.mark.parametrize(
    ("service", "operation"),
    [("dynamodb", "GetItem"), ("dynamodb", "Query"), ("sqs", "SendMessageBatch"), ("dynamodb", "BatchWriteItem")],
)
def test_outage_returns_the_record_and_the_next_run_finishes_it(
    service: str, operation: str, cloud: Cloud, receiver: Receiver, fail_operation: Fail
) -> None:
    webhook = paused(cloud, receiver)
    set_status(webhook, "active")
    with fail_operation(service, operation, DENIED):
        assert len(cloud.run_streams()) == 1
    assert len(held(cloud)) == 3
    cloud.run_event_path()
    assert cloud.run_streams() == []
    cloud.run_event_path()
    assert (held(cloud), len(receiver.requests())) == ([], 3)


def test_record_without_enough_time_is_returned(cloud: Cloud, receiver: Receiver) -> None:
    webhook = paused(cloud, receiver)
    set_status(webhook, "active")
    assert len(cloud.run_streams(millis_left=MARGIN_MILLIS)) == 1
    assert (len(held(cloud)), cloud.waiting(DELIVERY_QUEUE)) == (3, 0)
    assert cloud.run_streams(millis_left=MARGIN_MILLIS + 1) == []
    assert (held(cloud), cloud.waiting(DELIVERY_QUEUE)) == ([], 3)


def resumptions(cloud: Cloud) -> list[dict[str, Any]]:
    """Return the stream records of resumed webhooks."""
    records = cloud.stream_records("SettingsTable")
    return [each for each in records if each["dynamodb"]["NewImage"].get("action") == {"S": "webhook.resumed"}]


def test_unreadable_record_is_set_aside_and_the_others_continue(
    cloud: Cloud, receiver: Receiver, log: io.StringIO
) -> None:
    set_status(paused(cloud, receiver), "active")
    (good,) = resumptions(cloud)
    strange = copy.deepcopy(good)
    strange["dynamodb"]["NewImage"]["targetId"] = {"S": "no id"}
    assert failed_ids(invoke(WORKER, {"Records": [strange, good]})) == []
    assert (held(cloud), cloud.waiting(DELIVERY_QUEUE)) == ([], 3)
    (letter,) = cloud.sqs.receive_message(QueueUrl=queue_url(HELD_DELIVERY_DEAD_LETTER_QUEUE))["Messages"]
    assert json.loads(letter["Body"]) == {"Records": [strange]}
    assert log.getvalue().count("stream record moved to dead-letter queue") == 1


def test_dead_letter_is_a_valid_invocation_of_the_worker(cloud: Cloud, receiver: Receiver) -> None:
    set_status(paused(cloud, receiver), "active")
    (record,) = resumptions(cloud)
    target = record["dynamodb"]["NewImage"].pop("targetId")
    assert failed_ids(invoke(WORKER, {"Records": [record]})) == []
    assert len(held(cloud)) == 3
    (letter,) = cloud.sqs.receive_message(QueueUrl=queue_url(HELD_DELIVERY_DEAD_LETTER_QUEUE))["Messages"]
    payload = json.loads(letter["Body"])
    payload["Records"][0]["dynamodb"]["NewImage"]["targetId"] = target
    assert failed_ids(invoke(WORKER, payload)) == []
    assert (held(cloud), cloud.waiting(DELIVERY_QUEUE)) == ([], 3)


def test_record_that_cannot_be_set_aside_is_returned(cloud: Cloud, receiver: Receiver, fail_operation: Fail) -> None:
    set_status(paused(cloud, receiver), "active")
    (record,) = resumptions(cloud)
    del record["dynamodb"]["NewImage"]["targetId"]
    with fail_operation("sqs", "SendMessage", DENIED):
        response = invoke(WORKER, {"Records": [record]})
    assert failed_ids(response) == [record["dynamodb"]["SequenceNumber"]]


def test_empty_batch_returns_no_failures() -> None:
    assert invoke(WORKER, {"Records": []}) == {"batchItemFailures": []}
