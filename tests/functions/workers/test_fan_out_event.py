"""The worker of the event queue."""

import io
import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, made_webhook, published, registered
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud, failed_ids, record
from tests.functions.conftest import Fail
from tests.functions.environment import DELIVERY_QUEUE, EVENT_QUEUE
from tests.template_tables import DELIVERIES, SETTINGS

URL = "https://hooks.example.com/"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "SendMessageBatch")


def tasks(cloud: Cloud) -> list[Mapping[str, Any]]:
    """Receive the tasks in the delivery queue."""
    records = []
    while batch := cloud.batch(DELIVERY_QUEUE, "deliver_webhook")["Records"]:
        records += batch
    return [json.loads(each["body"]) for each in records]


def test_event_of_an_account_without_webhooks_is_only_stored(cloud: Cloud) -> None:
    assert failed_ids(invoke("fan_out_event", own_event("fan_out_event"))) == []
    (kept,) = cloud.items(DELIVERIES)
    assert (kept["pk"], kept["sk"]) == ("EVENT#account-without-webhooks#order-1001-created", "EVENT")
    assert cloud.waiting(DELIVERY_QUEUE) == 0


def test_each_subscribed_webhook_gets_one_task(cloud: Cloud) -> None:
    picking = {
        made_webhook(URL, events=events)["id"] for events in (["*"], ["order.*"], ["order.created"], ["a", "order.*"])
    }
    for events in (["order"], ["order.created.*"], ["lap.*"]):
        made_webhook(URL, events=events)
    made_webhook(URL, account_id=OTHER_ACCOUNT)
    event_id = published(event="order.created")
    assert cloud.drain(EVENT_QUEUE, "fan_out_event") == []
    sent = tasks(cloud)
    assert {task["webhookId"] for task in sent} == picking
    assert {(task["accountId"], task["eventId"], task["attempt"]) for task in sent} == {(ACCOUNT, event_id, 1)}
    assert len({task["deliveryId"] for task in sent}) == len(sent)


def test_default_webhook_gets_all_events_once_it_has_a_url(cloud: Cloud) -> None:
    call("get_webhook_settings", admin())
    published()
    cloud.drain(EVENT_QUEUE, "fan_out_event")
    assert tasks(cloud) == []
    call("put_webhook_settings", admin())
    published()
    cloud.drain(EVENT_QUEUE, "fan_out_event")
    assert len(tasks(cloud)) == 1


def test_repeated_event_id_is_the_same_event(cloud: Cloud) -> None:
    made_webhook(URL)
    for _ in range(2):
        published(id="order-1")
        assert cloud.drain(EVENT_QUEUE, "fan_out_event") == []
    assert len(tasks(cloud)) == 1


def test_same_id_in_another_account_is_another_event(cloud: Cloud) -> None:
    for account in (ACCOUNT, OTHER_ACCOUNT):
        made_webhook(URL, account_id=account)
        published(account, id="order-1")
    cloud.drain(EVENT_QUEUE, "fan_out_event")
    assert {task["accountId"] for task in tasks(cloud)} == {ACCOUNT, OTHER_ACCOUNT}


def test_more_webhooks_than_one_sqs_batch_all_get_a_task(cloud: Cloud) -> None:
    made = {made_webhook(URL)["id"] for _ in range(23)}
    published()
    cloud.drain(EVENT_QUEUE, "fan_out_event")
    assert {task["webhookId"] for task in tasks(cloud)} == made


def test_tasks_not_sent_before_a_crash_are_sent_on_repetition(cloud: Cloud, fail_operation: Fail) -> None:
    made_webhook(URL)
    published()
    batch = cloud.batch(EVENT_QUEUE, "fan_out_event")
    with fail_operation("sqs", "SendMessageBatch", DENIED):
        assert failed_ids(invoke("fan_out_event", batch)) == [batch["Records"][0]["messageId"]]
    assert len([item for item in cloud.items(DELIVERIES) if item["sk"] == "EVENT"]) == 1
    assert failed_ids(invoke("fan_out_event", batch)) == []
    assert len(tasks(cloud)) == 1


def test_malformed_message_is_returned_alone(cloud: Cloud) -> None:
    made_webhook(URL)
    published()
    good = cloud.batch(EVENT_QUEUE, "fan_out_event")["Records"]
    strange = [
        record("fan_out_event", "{}", messageId="no-attributes", messageAttributes={}),
        record("fan_out_event", "{}", messageId="no-receipt", messageAttributes=good[0]["messageAttributes"] | {}),
    ]
    del strange[1]["messageAttributes"]["receipt"]
    returned = invoke("fan_out_event", {"Records": [strange[0], *good, strange[1]]})
    assert failed_ids(returned) == ["no-attributes", "no-receipt"]
    assert len(tasks(cloud)) == 1


def test_database_outage_returns_every_message(cloud: Cloud, fail: Fail) -> None:
    made_webhook(URL)
    for _ in range(3):
        published()
    batch = cloud.batch(EVENT_QUEUE, "fan_out_event")
    with fail(DENIED):
        returned = invoke("fan_out_event", batch)
    assert sorted(failed_ids(returned)) == sorted(each["messageId"] for each in batch["Records"])
    assert tasks(cloud) == []


def test_webhook_with_a_filter_gets_only_matching_events(cloud: Cloud) -> None:
    large = made_webhook(URL, filter={"entity": {"total": [{"numeric": [">=", 100]}]}})["id"]
    every = made_webhook(URL)["id"]
    for total in (99, 100):
        published(entity={"total": total})
    assert cloud.drain(EVENT_QUEUE, "fan_out_event") == []
    assert sorted(task["webhookId"] for task in tasks(cloud)) == sorted([every, every, large])


def test_filter_by_words_uses_the_order_of_the_events_type(cloud: Cloud) -> None:
    made_webhook(URL, filter={"entity": {"severity": [{"ordinal": [">=", "major"]}]}})
    registered("issue.resolved", orders={"entity.severity": ["minor", "major", "critical"]})
    for name in ("issue.resolved", "issue.closed"):
        for severity in ("minor", "major", "critical"):
            published(event=name, entity={"severity": severity}, id=f"{name}-{severity}")
    assert cloud.drain(EVENT_QUEUE, "fan_out_event") == []
    assert sorted(task["eventId"] for task in tasks(cloud)) == ["issue.resolved-critical", "issue.resolved-major"]


def test_too_expensive_filter_is_a_failed_delivery_that_can_be_retried(cloud: Cloud) -> None:
    costly = made_webhook(URL, filter={"entity": {"a": [{"prefix": str(number)} for number in range(100)]}})["id"]
    plain = made_webhook(URL)["id"]
    published(entity={"a": [0] * 2030})
    batch = cloud.batch(EVENT_QUEUE, "fan_out_event")
    for _ in range(2):
        assert failed_ids(invoke("fan_out_event", batch)) == []
    assert {task["webhookId"] for task in tasks(cloud)} == {plain}
    (failed,) = call("list_webhook_deliveries", admin(), object_id=costly).body["data"]
    assert (failed["status"], failed["nextAttemptAt"]) == ("failed", None)
    assert "100000 comparisons" in failed["errorMessage"]
    path = {"id": costly, "deliveryId": failed["deliveryId"]}
    assert call("retry_webhook_delivery", admin(), path=path).status == 202


def test_messages_without_enough_time_are_returned(cloud: Cloud) -> None:
    made_webhook(URL)
    for _ in range(2):
        published()
    batch = cloud.batch(EVENT_QUEUE, "fan_out_event")
    returned = invoke("fan_out_event", batch, millis_left=9_000)
    assert failed_ids(returned) == [each["messageId"] for each in batch["Records"]]
    assert tasks(cloud) == []
    assert failed_ids(invoke("fan_out_event", batch)) == []
    assert len(tasks(cloud)) == 2


def test_unreadable_filter_returns_the_event_after_serving_other_webhooks(cloud: Cloud, log: io.StringIO) -> None:
    corrupt, good = made_webhook(URL, filter={"entity": {"a": [1]}})["id"], made_webhook(URL)["id"]
    change = {
        "TableName": SETTINGS,
        "Key": {"pk": {"S": f"ACCOUNT#{ACCOUNT}"}, "sk": {"S": f"WEBHOOK#{corrupt}"}},
        "UpdateExpression": "SET #filter = :filter",
        "ExpressionAttributeNames": {"#filter": "filter"},
    }
    cloud.dynamodb.update_item(**change, ExpressionAttributeValues={":filter": {"S": '{"entity": "corrupt"}'}})
    published()
    batch = cloud.batch(EVENT_QUEUE, "fan_out_event")
    assert failed_ids(invoke("fan_out_event", batch)) == [batch["Records"][0]["messageId"]]
    assert [task["webhookId"] for task in tasks(cloud)] == [good]
    assert f"UnreadableFilterError: stored filter cannot be read: webhook {corrupt}" in log.getvalue()
    cloud.dynamodb.update_item(**change, ExpressionAttributeValues={":filter": {"S": '{"event": [{"prefix": ""}]}'}})
    assert failed_ids(invoke("fan_out_event", batch)) == []
    assert {task["webhookId"] for task in tasks(cloud)} == {good, corrupt}
