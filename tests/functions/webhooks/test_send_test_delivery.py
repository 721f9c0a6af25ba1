"""POST /webhooks/{id}/test."""

import json
from typing import Any

import pytest

from local.receiver import Behaviour, Receiver
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_webhook, published, registered
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud
from tests.functions.deliveries.test_list_webhook_deliveries import OBJECT
from tests.functions.environment import RETRY_QUEUE
from tests.template_tables import DELIVERIES


def send(webhook: dict[str, Any], body: Any = None, **of: Any) -> Answered:
    return call("send_test_delivery", of.pop("caller", admin()), object_id=webhook["id"], body=body or {}, **of)


def test_response_contains_the_receivers_response(receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[202], headers={"X-Served-By": "one"}, body=b"thanks"))
    webhook = made_webhook(receiver.url("/"))
    response = send(webhook, {"event": "lap.created", "entity": {"number": 7}})
    assert response.status == 200
    assert list(response.body) == OBJECT
    assert (response.body["status"], response.body["errorMessage"]) == ("success", None)
    assert (response.body["trigger"], response.body["attempt"], response.body["nextAttemptAt"]) == ("test", 1, None)
    assert (response.body["response"]["status"], response.body["response"]["body"]) == (202, "thanks")
    assert response.body["response"]["headers"]["X-Served-By"] == "one"
    assert response.body["timingsMs"]["total"] > 0
    (request,) = receiver.requests()
    assert request.headers["webhook-id"] == response.body["deliveryId"]
    assert request.headers["x-latchhook-event"] == "lap.created"
    body = json.loads(request.body)
    assert list(body) == ["event", "accountId", "entity", "id", "occurredAt"]
    assert (body["entity"], body["id"]) == ({"number": 7}, response.body["eventId"])


def test_every_field_is_optional(receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"), events=["nothing.like.it"])
    assert call("send_test_delivery", admin(), object_id=webhook["id"], raw=b"").body["eventType"] == "webhook.test"
    assert send(webhook).body["eventType"] == "webhook.test"
    assert {json.loads(request.body)["entity"]["message"] for request in receiver.requests()} == {"This is a test."}


def test_example_of_the_event_type_is_the_default_entity(receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    registered("lap.created", example={"number": 7, "driver": "Zoë"}, schema={"required": ["number"]})
    registered("lap.deleted")
    for body in (
        {"event": "lap.created"},
        {"event": "lap.created", "entity": {"driver": "Jo"}},
        {"event": "lap.deleted"},
        {"event": "lap.unknown"},
    ):
        assert send(webhook, body).body["eventType"] == body["event"]
    assert [json.loads(request.body)["entity"] for request in receiver.requests()] == [
        {"number": 7, "driver": "Zoë"},
        {"driver": "Jo"},
        {"message": "This is a test."},
        {"message": "This is a test."},
    ]


def test_example_event_chooses_the_event_name(receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    assert call("send_test_delivery", admin(), object_id=webhook["id"]).body["eventType"] == "issue.resolved"


def test_test_delivery_is_listed_for_its_webhook_and_account(receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    sent = send(webhook).body
    assert call("list_webhook_deliveries", admin(), object_id=webhook["id"]).body["data"] == [sent]
    (logged,) = call("list_integration_deliveries", admin()).body["deliveries"]
    assert (logged["id"], logged["eventType"]) == (sent["id"], "webhook.test")
    one = call("get_webhook_delivery", admin(), object_id=webhook["id"], path={"deliveryId": sent["deliveryId"]}).body
    assert one["requestBody"].encode() == receiver.requests()[0].body


@pytest.mark.parametrize("status", [410, 429, 500])
def test_failed_test_delivery_has_no_consequences(status: int, cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[status], headers={"Retry-After": "3600"}))
    webhook = made_webhook(receiver.url("/"))
    before = call("get_webhook", admin(), object_id=webhook["id"]).body
    response = send(webhook)
    assert (response.status, response.body["status"], response.body["nextAttemptAt"]) == (200, "failed", None)
    assert response.body["errorMessage"] == f"HTTP {status} from {receiver.url('/')}"
    assert (cloud.waiting(RETRY_QUEUE), cloud.schedules()) == (0, [])
    assert call("get_webhook", admin(), object_id=webhook["id"]).body == before
    assert cloud.audit(ACCOUNT) == ["webhook.created"]


def test_unreachable_receiver_is_explained() -> None:
    response = send(made_webhook("http://127.0.0.1:1/closed?token=abc"))
    assert (response.status, response.body["status"], response.body["response"]) == (200, "failed", None)
    assert response.body["errorMessage"] == "Connection refused at http://127.0.0.1:1/closed"


@pytest.mark.parametrize("status", ["paused", "disabled"])
def test_inactive_webhook_can_be_tested_and_stays_inactive(status: str, cloud: Cloud, receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    if status == "paused":
        call("update_webhook", admin(), object_id=webhook["id"], body={"status": "paused"})
    else:
        receiver.response("/", Behaviour(statuses=[410, 200]))
        published()
        cloud.run_event_path()
    assert send(webhook).body["status"] == "success"
    assert call("get_webhook", admin(), object_id=webhook["id"]).body["status"] == status


def test_webhook_without_url_is_409() -> None:
    call("get_webhook_settings", admin())
    (default,) = call("list_webhooks", admin()).body["data"]
    response = send(default)
    assert (response.status, response.code) == (409, "webhook_without_url")


@pytest.mark.parametrize(
    ("raw", "status", "pointers"),
    [
        (b'{"event": "Not A Name"}', 422, ["/event"]),
        (b'{"event": ""}', 422, ["/event"]),
        (b'{"entity": []}', 422, ["/entity"]),
        (b'{"entity": null}', 422, ["/entity"]),
        (b'{"entity": {"number": 1e999}}', 422, ["/entity"]),
        (b'{"id": "mine"}', 422, ["/id"]),
    ],
)
def test_invalid_event_is_refused_and_nothing_is_sent(
    raw: bytes, status: int, pointers: list[str], cloud: Cloud, receiver: Receiver
) -> None:
    webhook = made_webhook(receiver.url("/"))
    response = call("send_test_delivery", admin(), object_id=webhook["id"], raw=raw)
    assert (response.status, response.pointers) == (status, pointers)
    assert (cloud.items(DELIVERIES), receiver.requests()) == ([], [])


def test_event_size_is_limited_as_for_publishing(receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    response = send(webhook, {"entity": {"text": "x" * (256 * 1024 - 60)}})
    assert (response.status, response.code) == (413, "content_too_large")
    assert send(webhook, {"entity": {"text": "x" * (255 * 1024)}}).body["status"] == "success"
    assert len(receiver.requests()) == 1


def test_other_accounts_webhook_gets_the_404_of_a_missing_webhook(cloud: Cloud, receiver: Receiver) -> None:
    theirs = made_webhook(receiver.url("/"), account_id=OTHER_ACCOUNT)
    before = cloud.contents()
    refused = send(theirs)
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call("send_test_delivery", admin()).without_request_id
    assert cloud.contents() == before
    assert receiver.requests() == []


def test_scope_webhooks_write_is_required(receiver: Receiver) -> None:
    webhook = made_webhook(receiver.url("/"))
    assert send(webhook, caller=holder(made_key("webhooks:write")["key"])).status == 200
    assert send(webhook, caller=holder(made_key("webhooks:read")["key"])).status == 403
    assert len(receiver.requests()) == 1
