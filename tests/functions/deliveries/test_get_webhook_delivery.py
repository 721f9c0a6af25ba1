"""GET /webhooks/{id}/deliveries/{deliveryId}."""

from typing import Any
from uuid import uuid4

import pytest

from latchhook.webhooks.outcome import MAX_BODY_BYTES
from latchhook.webhooks.retry_schedule import MAX_RETRIES
from local.receiver import Behaviour, Receiver
from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, made_webhook, published
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud
from tests.functions.environment import RETRY_QUEUE
from tests.template_tables import DELIVERIES

OBJECT = [
    "id", "webhookId", "eventId", "eventType", "externalId", "status", "requestBody", "nextAttemptAt", "attempts",
]  # fmt: skip


def get(webhook: dict[str, Any], delivery_id: object, caller: Any = None) -> Answered:
    return call(
        "get_webhook_delivery", caller or admin(), object_id=webhook["id"], path={"deliveryId": str(delivery_id)}
    )


def failed(cloud: Cloud, receiver: Receiver, account_id: str = "acme") -> tuple[dict[str, Any], str]:
    """Create a webhook with a delivery that failed once. Return both."""
    receiver.response("/", Behaviour(statuses=[500, 200]))
    webhook = made_webhook(receiver.url("/"), account_id)
    published(account_id, event="lap.created", externalId="LAP-1")
    cloud.run_event_path()
    return webhook, receiver.requests()[-1].headers["webhook-id"]


def test_delivery_is_shown_with_its_body_and_attempts_newest_first(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    before = get(webhook, delivery_id)
    assert before.status == 200
    assert list(before.body) == OBJECT
    assert (before.body["status"], before.body["nextAttemptAt"] is None) == ("failed", False)
    assert (before.body["eventType"], before.body["externalId"]) == ("lap.created", "LAP-1")
    cloud.drain(RETRY_QUEUE, "retry_webhook")
    after = get(webhook, delivery_id).body
    assert (after["id"], after["webhookId"]) == (delivery_id, webhook["id"])
    assert (after["status"], after["nextAttemptAt"]) == ("success", None)
    assert {request.body.decode() for request in receiver.requests()} == {after["requestBody"]}
    listed = call("list_webhook_deliveries", admin(), object_id=webhook["id"]).body["data"]
    assert after["attempts"] == listed
    assert [attempt["attempt"] for attempt in listed] == [2, 1]


def test_delivery_of_an_expired_event_has_no_body(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    cloud.forget_events()
    response = get(webhook, delivery_id)
    assert (response.status, response.body["requestBody"], len(response.body["attempts"])) == (200, None, 1)


def test_most_attempts_with_the_longest_responses_are_shown(cloud: Cloud, receiver: Receiver) -> None:
    receiver.response("/", Behaviour(statuses=[500], body=b"x" * MAX_BODY_BYTES))
    webhook = made_webhook(receiver.url("/"), retryScheduleSeconds=[])
    published()
    cloud.run_event_path()
    path = {"deliveryId": receiver.requests()[-1].headers["webhook-id"]}
    for _ in range(MAX_RETRIES):
        assert call("retry_webhook_delivery", admin(), object_id=webhook["id"], path=path).status == 202
        cloud.drain(RETRY_QUEUE, "retry_webhook")
    attempts = get(webhook, path["deliveryId"]).body["attempts"]
    assert [attempt["attempt"] for attempt in attempts] == list(range(MAX_RETRIES + 1, 0, -1))
    assert {len(attempt["response"]["body"]) for attempt in attempts} == {MAX_BODY_BYTES}


def test_other_deliveries_are_not_included(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    published()
    cloud.run_event_path()
    (attempt,) = get(webhook, delivery_id).body["attempts"]
    assert attempt["deliveryId"] == delivery_id


def test_other_accounts_or_webhooks_delivery_gets_the_404_of_a_missing_one(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    theirs, their_delivery = failed(cloud, receiver, OTHER_ACCOUNT)
    other = made_webhook(receiver.url("/"))
    refused = [
        get(webhook, their_delivery),
        get(theirs, their_delivery),
        get(other, delivery_id),
        get(webhook, uuid4()),
        get(webhook, delivery_id[:-1]),
        get(webhook, f"{{{delivery_id}}}"),
        get(webhook, ""),
        get(webhook, "é" * 36),
    ]
    assert {(response.status, response.code) for response in refused} == {(404, "not_found")}
    assert len({response.without_request_id for response in refused}) == 1
    assert get(webhook, delivery_id).status == 200


@pytest.mark.parametrize("form", [str.upper, str.lower])
def test_id_is_found_in_upper_and_lower_case(form: Any, cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    assert get(webhook, form(delivery_id)).status == 200


def test_delivery_of_a_deleted_webhook_is_404(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    call("delete_webhook", admin(), object_id=webhook["id"])
    assert get(webhook, delivery_id).status == 404


def test_reading_writes_nothing(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    before = cloud.items(DELIVERIES)
    get(webhook, delivery_id)
    assert cloud.items(DELIVERIES) == before


def test_key_with_the_scope_reads_the_delivery(cloud: Cloud, receiver: Receiver) -> None:
    webhook, delivery_id = failed(cloud, receiver)
    assert get(webhook, delivery_id, holder(made_key("webhooks:read")["key"])).status == 200
