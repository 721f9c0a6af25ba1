"""POST /webhooks/{id}/deliveries/{deliveryId}/retry."""

from typing import Any
from uuid import uuid4

import pytest

from local.receiver import Behaviour, Receiver
from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, made_webhook, published
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud
from tests.functions.deliveries.test_get_webhook_delivery import failed, get
from tests.functions.environment import RETRY_QUEUE
from tests.template_tables import DELIVERIES

WORKER = "retry_webhook"


def retry(webhook: dict[str, Any], delivery_id: object, caller: Any = None) -> Answered:
    return call(
        "retry_webhook_delivery", caller or admin(), object_id=webhook["id"], path={"deliveryId": str(delivery_id)}
    )


def attempts(webhook: dict[str, Any], delivery_id: str) -> list[tuple[int, str, str]]:
    """Return the number, trigger and status of each attempt, oldest first."""
    made = get(webhook, delivery_id).body["attempts"]
    return [(each["attempt"], each["trigger"], each["status"]) for each in reversed(made)]


def waits_for_hours(cloud: Cloud, receiver: Receiver) -> tuple[dict[str, Any], str]:
    """Create a webhook with a delivery that failed once. A schedule retries it hours later."""
    receiver.response("/", Behaviour(statuses=[500]))
    webhook = made_webhook(receiver.url("/"), retryScheduleSeconds=[3600, 3600])
    published()
    cloud.run_event_path()
    assert len(cloud.schedules()) == 1
    return webhook, receiver.requests()[-1].headers["webhook-id"]


def test_failed_delivery_is_attempted_at_once(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = waits_for_hours(cloud, receiver)
    receiver.response("/", Behaviour())
    response = retry(webhook, delivery_id)
    assert (response.status, response.body) == (202, {"deliveryId": delivery_id, "attempt": 2})
    assert cloud.drain(RETRY_QUEUE, WORKER) == []
    first, second = receiver.requests()
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery_id
    assert first.body == second.body
    assert attempts(webhook, delivery_id) == [(1, "event", "failed"), (2, "manual", "success")]


def test_manual_retry_before_the_schedule_makes_one_attempt(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = waits_for_hours(cloud, receiver)
    receiver.response("/", Behaviour())
    retry(webhook, delivery_id)
    cloud.drain(RETRY_QUEUE, WORKER)
    (schedule,) = cloud.schedules()
    cloud.run_schedule(schedule)
    assert cloud.drain(RETRY_QUEUE, WORKER) == []
    assert len(receiver.requests()) == 2
    assert (cloud.waiting(RETRY_QUEUE), cloud.schedules()) == (0, [])
    assert attempts(webhook, delivery_id) == [(1, "event", "failed"), (2, "manual", "success")]


def test_manual_retry_after_the_schedule_makes_one_attempt(cloud: Cloud, receiver: Receiver) -> None:
    """The manual retry is still in the queue when the scheduled attempt runs."""
    webhook, delivery_id = waits_for_hours(cloud, receiver)
    receiver.response("/", Behaviour())
    retry(webhook, delivery_id)
    by_hand = cloud.batch(RETRY_QUEUE, WORKER)
    (schedule,) = cloud.schedules()
    cloud.run_schedule(schedule)
    assert cloud.drain(RETRY_QUEUE, WORKER) == []
    assert cloud.drain_batch(by_hand, RETRY_QUEUE, WORKER) == []
    assert len(receiver.requests()) == 2
    assert attempts(webhook, delivery_id) == [(1, "event", "failed"), (2, "retry", "success")]


def test_failed_manual_retry_continues_the_schedule_once(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = waits_for_hours(cloud, receiver)
    retry(webhook, delivery_id)
    cloud.drain(RETRY_QUEUE, WORKER)
    second, third = sorted(cloud.schedules(), key=lambda each: str(each["Name"]))
    assert (second["Name"][-2:], third["Name"][-2:]) == ("-2", "-3")
    cloud.run_schedule(second)  # finds the attempt made, and plans the next attempt, which is already planned
    assert cloud.drain(RETRY_QUEUE, WORKER) == []
    assert [each["Name"] for each in cloud.schedules()] == [third["Name"]]
    receiver.response("/", Behaviour())
    cloud.run_schedule(third)
    cloud.drain(RETRY_QUEUE, WORKER)
    assert attempts(webhook, delivery_id) == [
        (1, "event", "failed"),
        (2, "manual", "failed"),
        (3, "retry", "success"),
    ]
    assert len(receiver.requests()) == 3
    assert (cloud.waiting(RETRY_QUEUE), cloud.schedules()) == (0, [])


def test_two_manual_retries_at_once_make_one_attempt(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = waits_for_hours(cloud, receiver)
    receiver.response("/", Behaviour())
    assert retry(webhook, delivery_id).body == retry(webhook, delivery_id).body
    for _ in range(2):
        assert cloud.drain(RETRY_QUEUE, WORKER) == []
    assert [number for number, _, _ in attempts(webhook, delivery_id)] == [1, 2]


def test_successful_delivery_is_sent_again_with_the_same_webhook_id(cloud: Cloud, receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    published()
    cloud.run_event_path()
    delivery_id = receiver.requests()[0].headers["webhook-id"]
    assert retry(webhook, delivery_id).status == 202
    cloud.drain(RETRY_QUEUE, WORKER)
    first, second = receiver.requests()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert attempts(webhook, delivery_id) == [(1, "event", "success"), (2, "manual", "success")]


def test_delivery_with_exhausted_schedule_can_be_retried(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[500, 500, 200]))
    webhook = made_webhook(receiver.url("/"), retryScheduleSeconds=[])
    published()
    cloud.run_event_path()
    delivery_id = receiver.requests()[0].headers["webhook-id"]
    for number in (2, 3):
        assert cloud.waiting(RETRY_QUEUE) == 0
        assert retry(webhook, delivery_id).body["attempt"] == number
        cloud.drain(RETRY_QUEUE, WORKER)
    assert get(webhook, delivery_id).body["status"] == "success"


@pytest.mark.parametrize("status", ["paused", "disabled"])
def test_inactive_webhook_is_409(status: str, cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    cloud.drain(RETRY_QUEUE, WORKER)
    if status == "paused":
        call("update_webhook", admin(), object_id=webhook["id"], body={"status": "paused"})
    else:
        receiver.response("/", Behaviour(statuses=[410]))
        published()
        cloud.run_event_path()
    before = cloud.contents()
    response = retry(webhook, delivery_id)
    assert (response.status, response.code) == (409, "webhook_not_active")
    assert cloud.contents() == before


def test_webhook_without_url_is_409(cloud: Cloud, receiver: Receiver) -> None:
    call("put_webhook_settings", admin(), body={"webhookUrl": receiver.url("/")})
    (webhook,) = call("list_webhooks", admin()).body["data"]
    published()
    cloud.run_event_path()
    call("put_webhook_settings", admin(), body={"webhookUrl": None})
    response = retry(webhook, receiver.requests()[0].headers["webhook-id"])
    assert (response.status, response.code) == (409, "webhook_not_active")


def test_delivery_of_an_expired_event_is_409(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    cloud.forget_events()
    before = cloud.contents()
    response = retry(webhook, delivery_id)
    assert (response.status, response.code) == (409, "event_gone")
    assert cloud.contents() == before


def test_delivery_with_the_most_attempts_is_409(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    (made,) = [item for item in cloud.items(DELIVERIES) if item["sk"] != "EVENT"]
    for number, status in ((998, 202), (999, 409)):
        cloud.put(DELIVERIES, {**made, "sk": f"{delivery_id}#{number}"})
        response = retry(webhook, delivery_id)
        assert response.status == status
    assert response.code == "too_many_attempts"


def test_other_accounts_or_webhooks_delivery_gets_the_404_of_a_missing_one(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    theirs, their_delivery = failed(cloud, receiver, OTHER_ACCOUNT)
    other = made_webhook(receiver.url("/"))
    before = cloud.contents()
    refused = [
        retry(webhook, their_delivery),
        retry(theirs, their_delivery),
        retry(other, delivery_id),
        retry(webhook, uuid4()),
        retry(webhook, "nope"),
    ]
    assert {(response.status, response.code) for response in refused} == {(404, "not_found")}
    assert len({response.without_request_id for response in refused}) == 1
    assert cloud.contents() == before


def test_body_is_ignored(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    path = {"deliveryId": delivery_id}
    response = call("retry_webhook_delivery", admin(), object_id=webhook["id"], path=path, raw=b"{")
    assert response.status == 202


def test_scope_webhooks_write_is_required(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    assert retry(webhook, delivery_id, holder(made_key("webhooks:write")["key"])).status == 202
    assert retry(webhook, delivery_id, holder(made_key("webhooks:read")["key"])).status == 403
