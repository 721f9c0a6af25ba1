"""The worker of the delivery queue."""

import json
import time
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError
from standardwebhooks import Webhook

from latchhook.clock import utc_now
from latchhook.webhooks.delivery import delivery_id
from local.receiver import Behaviour, Receiver
from tests.functions.callers import ACCOUNT, admin, made_webhook, published
from tests.functions.calls import call, invoke, own_event
from tests.functions.cloud import Cloud, failed_ids, record
from tests.functions.conftest import Fail
from tests.functions.environment import DELIVERY_QUEUE, RETRY_QUEUE
from tests.functions.signed import signed_by
from tests.template_tables import DELIVERIES, SETTINGS

WORKER = "deliver_webhook"
DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutItem")


def attempts(cloud: Cloud) -> list[dict[str, object]]:
    return [item for item in cloud.items(DELIVERIES) if item["sk"] not in {"EVENT", "LAST"}]


def fanned_out(cloud: Cloud, **event: Any) -> str:
    """Publish an event, run its fan-out and return its id."""
    event_id = published(**event)
    cloud.drain("EventQueue", "fan_out_event")
    return event_id


def test_rate_limited_webhook_gets_every_event_at_its_rate(cloud: Cloud, receiver: Receiver) -> None:
    made_webhook(receiver.url("/"), rateLimit={"limit": 2, "windowSeconds": 1})
    for _ in range(5):
        fanned_out(cloud)
    assert cloud.drain(DELIVERY_QUEUE, WORKER) == []
    assert (len(receiver.requests()), cloud.waiting(RETRY_QUEUE)) == (3, 2)
    while cloud.waiting(RETRY_QUEUE):
        assert cloud.drain(RETRY_QUEUE, "retry_webhook") == []
        time.sleep(0.05)
    times = [request.received_at for request in receiver.requests()]
    assert len(times) == len(attempts(cloud)) == 5
    assert times[1] - times[0] > 0.4
    assert times[2] - times[1] > 0.4
    assert times[4] - times[0] > 1.5


def test_slow_response_marks_the_webhook_as_slow(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(delay_seconds=2.2))
    webhook = made_webhook(receiver.url("/"))
    fanned_out(cloud)
    assert cloud.drain(DELIVERY_QUEUE, WORKER) == []
    assert call("get_webhook", admin(), object_id=webhook["id"]).body["slowSeconds"] == 4
    assert [each["status"] for each in attempts(cloud)] == ["success"]


def test_slow_webhook_uses_the_slow_queue_until_it_is_fast(cloud: Cloud, receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    cloud.change_webhook(ACCOUNT, webhook["id"], slowSeconds=4)
    fanned_out(cloud)
    assert cloud.drain(DELIVERY_QUEUE, WORKER) == []
    assert receiver.requests() == []
    assert cloud.drain(RETRY_QUEUE, "retry_webhook") == []
    assert len(receiver.requests()) == 1
    assert call("get_webhook", admin(), object_id=webhook["id"]).body["slowSeconds"] is None
    fanned_out(cloud)
    assert cloud.drain(DELIVERY_QUEUE, WORKER) == []
    assert len(receiver.requests()) == 2


def test_rate_limiter_outage_returns_only_the_limited_tasks(
    cloud: Cloud, receiver: Receiver, fail_operation: Fail
) -> None:
    made_webhook(receiver.url("/free"))
    made_webhook(receiver.url("/limited"), rateLimit={"limit": 1, "windowSeconds": 1})
    fanned_out(cloud)
    batch = cloud.batch(DELIVERY_QUEUE, WORKER)
    with fail_operation("dynamodb", "UpdateItem", DENIED):
        assert len(failed_ids(invoke(WORKER, batch))) == 1
    assert [request.path for request in receiver.requests()] == ["/free"]
    assert failed_ids(invoke(WORKER, batch)) == []
    assert sorted(request.path for request in receiver.requests()) == ["/free", "/limited"]


def test_task_of_a_missing_webhook_sends_and_stores_nothing(cloud: Cloud) -> None:
    before = cloud.contents()
    assert failed_ids(invoke(WORKER, own_event(WORKER))) == []
    assert cloud.contents() == before


def test_request_is_signed_in_both_header_families(cloud: Cloud, receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/hook?token=abc"))
    event_id = fanned_out(cloud, event="lap.created", entity={"z": 1, "a": "é"}, occurredAt="2026-05-01T10:00:00Z")
    assert cloud.drain(DELIVERY_QUEUE, WORKER) == []
    (request,) = receiver.requests()
    assert (request.method, request.path) == ("POST", "/hook?token=abc")
    assert json.loads(request.body) == {
        "event": "lap.created",
        "accountId": ACCOUNT,
        "entity": {"z": 1, "a": "é"},
        "id": event_id,
        "occurredAt": "2026-05-01T10:00:00Z",
    }
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-latchhook-event"] == "lap.created"
    assert request.headers["x-latchhook-webhook-id"] == webhook["id"]
    assert signed_by(request, webhook["secret"])
    assert Webhook(webhook["secret"]).verify(request.body, dict(request.headers)) == json.loads(request.body)


def test_secret_chosen_by_the_caller_signs_with_its_own_characters(cloud: Cloud, receiver: Receiver) -> None:
    made_webhook(receiver.url("/"), secret="our own secret from a vault")
    fanned_out(cloud)
    cloud.drain(DELIVERY_QUEUE, WORKER)
    (request,) = receiver.requests()
    assert signed_by(request, "our own secret from a vault")


def test_attempt_is_stored_and_a_repeated_task_sends_nothing(cloud: Cloud, receiver: Receiver) -> None:
    made_webhook(receiver.url("/"))
    fanned_out(cloud)
    batch = cloud.batch(DELIVERY_QUEUE, WORKER)
    for _ in range(2):
        assert failed_ids(invoke(WORKER, batch)) == []
    assert len(receiver.requests()) == 1
    (attempt,) = attempts(cloud)
    assert (attempt["status"], attempt["responseStatus"]) == ("success", 200)


def test_failing_receiver_does_not_affect_the_others_of_a_batch(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/broken", Behaviour(statuses=[500]))
    for path in ("/one", "/broken", "/two"):
        made_webhook(receiver.url(path))
    made_webhook("http://127.0.0.1:1/closed")
    fanned_out(cloud)
    assert cloud.drain(DELIVERY_QUEUE, WORKER) == []
    assert sorted(request.path for request in receiver.requests()) == ["/broken", "/one", "/two"]
    assert sorted(str(each["status"]) for each in attempts(cloud)) == ["failed", "failed", "success", "success"]
    assert cloud.waiting(RETRY_QUEUE) == 2


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500, 503])
def test_status_other_than_2xx_is_a_failure_and_retried(cloud: Cloud, receiver: Receiver, status: int) -> None:
    receiver.response("/", Behaviour(statuses=[status], headers={"Location": receiver.url("/elsewhere")}))
    made_webhook(receiver.url("/"))
    fanned_out(cloud)
    assert cloud.drain(DELIVERY_QUEUE, WORKER) == []
    assert [request.path for request in receiver.requests()] == ["/"]
    (attempt,) = attempts(cloud)
    words = f"HTTP {status} from {receiver.url('/')}"
    assert attempt["status"] == "failed"
    assert attempt["errorMessage"] == (f"{words}: redirects are not followed" if status < 400 else words)
    (again,) = cloud.batch(RETRY_QUEUE, "retry_webhook")["Records"]
    assert json.loads(again["body"])["attempt"] == 2


def test_410_disables_the_webhook(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[410]))
    made_webhook(receiver.url("/"))
    fanned_out(cloud)
    cloud.drain(DELIVERY_QUEUE, WORKER)
    (webhook,) = call("list_webhooks", admin()).body["data"]
    assert webhook["status"] == "disabled"
    assert cloud.waiting(RETRY_QUEUE) == 0
    fanned_out(cloud)
    assert cloud.waiting(DELIVERY_QUEUE) == 0


def test_retry_after_of_hours_creates_one_schedule(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[429], headers={"Retry-After": "7200"}))
    made_webhook(receiver.url("/"))
    fanned_out(cloud)
    batch = cloud.batch(DELIVERY_QUEUE, WORKER)
    for _ in range(2):
        assert failed_ids(invoke(WORKER, batch)) == []
    (schedule,) = cloud.schedules()
    (attempt,) = attempts(cloud)
    delivery_id = str(attempt["sk"]).partition("#")[0]
    assert schedule["Name"] == f"latchhook-{delivery_id}-2"
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert cloud.waiting(RETRY_QUEUE) == 0


def test_retry_not_planned_before_a_crash_is_planned_on_repetition(
    cloud: Cloud, receiver: Receiver, fail_operation: Fail
) -> None:
    receiver.response("/", Behaviour(statuses=[500]))
    made_webhook(receiver.url("/"))
    fanned_out(cloud)
    batch = cloud.batch(DELIVERY_QUEUE, WORKER)
    with fail_operation("sqs", "SendMessage", DENIED):
        assert failed_ids(invoke(WORKER, batch)) == [batch["Records"][0]["messageId"]]
    assert failed_ids(invoke(WORKER, batch)) == []
    assert len(receiver.requests()) == 1
    assert cloud.waiting(RETRY_QUEUE) == 1


def test_outage_returns_every_message_and_sends_nothing(cloud: Cloud, receiver: Receiver, fail: Fail) -> None:
    for path in ("/one", "/two"):
        made_webhook(receiver.url(path))
    fanned_out(cloud)
    batch = cloud.batch(DELIVERY_QUEUE, WORKER)
    with fail(DENIED):
        returned = invoke(WORKER, batch)
    assert sorted(failed_ids(returned)) == sorted(each["messageId"] for each in batch["Records"])
    assert receiver.requests() == []


def test_malformed_message_is_returned_alone(cloud: Cloud, receiver: Receiver) -> None:
    made_webhook(receiver.url("/"))
    fanned_out(cloud)
    good = cloud.batch(DELIVERY_QUEUE, WORKER)["Records"]
    own = json.loads(own_event(WORKER)["Records"][0]["body"])
    flaws = ["{", "[]", "{}", {**own, "webhookId": 7}, {**own, "attempt": "x"}, {**own, "deliveryId": None}]
    strange = [record(WORKER, body, messageId=f"strange-{at}") for at, body in enumerate(flaws)]
    returned = invoke(WORKER, {"Records": [*strange, *good]})
    assert sorted(failed_ids(returned)) == [f"strange-{at}" for at in range(len(flaws))]
    assert len(receiver.requests()) == 1


def test_task_without_its_event_is_returned(cloud: Cloud, receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    own = json.loads(own_event(WORKER)["Records"][0]["body"])
    newly = delivery_id(
        account_id=ACCOUNT, event_id=own["eventId"], webhook_id=UUID(webhook["id"]), accepted_at=utc_now()
    )
    task = {**own, "accountId": ACCOUNT, "webhookId": webhook["id"], "deliveryId": str(newly)}
    assert failed_ids(invoke(WORKER, {"Records": [record(WORKER, task, messageId="orphan")]})) == ["orphan"]
    assert receiver.requests() == []


def test_batch_without_enough_time_is_returned(cloud: Cloud, receiver: Receiver) -> None:
    made_webhook(receiver.url("/"))
    fanned_out(cloud)
    batch = cloud.batch(DELIVERY_QUEUE, WORKER)
    returned = invoke(WORKER, batch, millis_left=3_000)
    assert failed_ids(returned) == [each["messageId"] for each in batch["Records"]]
    assert receiver.requests() == []


def test_ciphertext_of_another_webhook_is_not_decrypted(cloud: Cloud, receiver: Receiver) -> None:
    one, other = made_webhook(receiver.url("/one")), made_webhook(receiver.url("/other"))
    fanned_out(cloud)
    stored = {item["sk"].removeprefix("WEBHOOK#"): item for item in cloud.items(SETTINGS)}
    stolen = stored[one["id"]]["secrets"][0]["ciphertext"]
    cloud.dynamodb.update_item(
        TableName=SETTINGS,
        Key={"pk": {"S": f"ACCOUNT#{ACCOUNT}"}, "sk": {"S": f"WEBHOOK#{other['id']}"}},
        UpdateExpression="SET secrets[0].ciphertext = :stolen",
        ExpressionAttributeValues={":stolen": {"B": stolen}},
    )
    assert len(cloud.drain(DELIVERY_QUEUE, WORKER)) == 1
    assert [request.path for request in receiver.requests()] == ["/one"]
