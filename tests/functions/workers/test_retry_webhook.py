"""The worker of the retry queue."""

import json
from datetime import UTC, datetime

from local.receiver import Behaviour, Receiver
from tests.functions.callers import admin, made_webhook, published
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud, failed_ids
from tests.functions.environment import ENVIRONMENT, HOURS, RETRY_QUEUE
from tests.template_tables import DELIVERIES

WORKER = "retry_webhook"


def test_task_of_a_missing_webhook_sends_and_stores_nothing(cloud: Cloud) -> None:
    before = cloud.contents()
    assert failed_ids(invoke(WORKER, own_event(WORKER))) == []
    assert cloud.contents() == before


def test_retries_have_the_same_webhook_id_and_body_until_success(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[500, 503, 200]))
    made_webhook(receiver.url("/"))
    published()
    cloud.run_event_path()
    for _ in range(2):
        assert cloud.drain(RETRY_QUEUE, WORKER) == []
    assert cloud.waiting(RETRY_QUEUE) == 0
    requests = receiver.requests()
    assert [request.status for request in requests] == [500, 503, 200]
    assert len({request.headers["webhook-id"] for request in requests}) == 1
    assert len({request.body for request in requests}) == 1


def test_retry_hours_away_is_a_one_time_schedule_with_dead_letter_queue(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[500]))
    webhook = made_webhook(receiver.url("/"))
    published()
    cloud.run_event_path()
    for _ in range(2):
        assert cloud.drain(RETRY_QUEUE, WORKER) == []
    (schedule,) = cloud.schedules()
    due = datetime.strptime(schedule["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
    assert 0.75 * HOURS < (due - datetime.now(UTC)).total_seconds() < 1.25 * HOURS
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["Target"]["Arn"] == ENVIRONMENT["RETRY_QUEUE_ARN"]
    assert schedule["Target"]["RoleArn"] == ENVIRONMENT["RETRY_SCHEDULE_ROLE_ARN"]
    assert schedule["Target"]["DeadLetterConfig"] == {"Arn": ENVIRONMENT["RETRY_DEAD_LETTER_QUEUE_ARN"]}
    task = json.loads(schedule["Target"]["Input"])
    assert (task["webhookId"], task["attempt"]) == (webhook["id"], 4)


def test_delivery_with_exhausted_schedule_is_not_retried(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[500]))
    webhook = made_webhook(receiver.url("/"))
    published()
    cloud.run_event_path()
    for _ in range(2):
        cloud.drain(RETRY_QUEUE, WORKER)
    cloud.run_schedule(cloud.schedules()[0])
    assert cloud.drain(RETRY_QUEUE, WORKER) == []
    assert (cloud.waiting(RETRY_QUEUE), cloud.schedules()) == (0, [])
    made = call("list_webhook_deliveries", admin(), object_id=webhook["id"]).body["data"]
    assert [attempt["attempt"] for attempt in made] == [4, 3, 2, 1]
    assert made[0]["nextAttemptAt"] is None


def test_webhook_deleted_between_attempts_gets_no_retry(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[500]))
    webhook = made_webhook(receiver.url("/"))
    published()
    cloud.run_event_path()
    call("delete_webhook", admin(), object_id=webhook["id"])
    assert cloud.drain(RETRY_QUEUE, WORKER) == []
    assert len(receiver.requests()) == 1
    assert cloud.waiting(RETRY_QUEUE) == 0


def test_repeated_retry_is_sent_once(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[500, 200]))
    made_webhook(receiver.url("/"))
    published()
    cloud.run_event_path()
    batch = cloud.batch(RETRY_QUEUE, WORKER)
    for _ in range(2):
        assert failed_ids(invoke(WORKER, batch)) == []
    assert len(receiver.requests()) == 2
    assert len([item for item in cloud.items(DELIVERIES) if item["sk"] != "EVENT"]) == 2
