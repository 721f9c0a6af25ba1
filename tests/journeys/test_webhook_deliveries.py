"""From an event to signed, logged and retried deliveries, on the deployed product."""

import json
import time
from typing import Any

from local.receiver import Behaviour, Receiver
from local.stack import RunningStack
from tests.journeys.product import (
    PATIENCE_SECONDS,
    Caller,
    admin,
    check_signatures,
    eventually,
    new_account,
    publish,
)

RETRIES_WITHIN_SECONDS = 6
"""Long enough for two retries on the local stage."""


def made_webhook(account: Caller, url: str, *events: str) -> dict[str, Any]:
    made: dict[str, Any] = account.call("POST", "/webhooks", {"url": url, "events": list(events) or ["*"]}, status=201)
    return made


def log_of(account: Caller) -> list[dict[str, Any]]:
    log: list[dict[str, Any]] = account.call("GET", "/integration/webhook-deliveries")["deliveries"]
    return log


def test_event_is_delivered_signed_and_logged(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    account = admin(stack, account_id)
    webhook = made_webhook(account, receiver.url("/laps"), "lap.*")
    made_webhook(account, receiver.url("/other"), "setup.updated")
    entity = {"z": 1, "a": "Grüße 🌍", "nested": {"list": [1, 2.5, None]}}
    event_id = publish(stack, account_id, "lap.created", entity=entity, externalId="LAP-1")
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    assert request.path == "/laps"
    body = json.loads(request.body)
    assert list(body) == ["event", "accountId", "entity", "id", "occurredAt"]
    assert (body["event"], body["accountId"], body["id"]) == ("lap.created", account_id, event_id)
    assert json.dumps(body["entity"]) == json.dumps(entity)
    check_signatures(stack, request, webhook["secret"])
    prefix = stack.parameters["SignatureHeaderPrefix"].lower()
    assert request.headers[f"{prefix}-event"] == "lap.created"
    assert request.headers[f"{prefix}-webhook-id"] == webhook["id"]
    (logged,) = eventually(lambda: log_of(account), bool)
    assert (logged["eventType"], logged["externalId"]) == ("lap.created", "LAP-1")
    assert (logged["status"], logged["errorMessage"]) == ("success", None)
    (attempt,) = account.call("GET", f"/webhooks/{webhook['id']}/deliveries")["data"]
    assert (attempt["id"], attempt["response"]["status"]) == (logged["id"], 200)


def test_delivery_that_fails_twice_succeeds_with_three_attempts(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/flaky", Behaviour(statuses=[500, 503, 200]))
    account_id = new_account()
    account = admin(stack, account_id)
    webhook = made_webhook(account, receiver.url("/flaky"))
    publish(stack, account_id, "stock.low")
    requests = receiver.wait_for(3, PATIENCE_SECONDS, "/flaky")
    assert [request.status for request in requests] == [500, 503, 200]
    assert len({request.headers["webhook-id"] for request in requests}) == 1
    assert len({request.body for request in requests}) == 1
    for request in requests:
        check_signatures(stack, request, webhook["secret"])
    log = eventually(lambda: log_of(account), lambda seen: len(seen) == 3)
    assert [each["status"] for each in log] == ["success", "failed", "failed"]
    assert [each["errorMessage"] for each in log] == [
        None,
        f"HTTP 503 from {receiver.url('/flaky')}",
        f"HTTP 500 from {receiver.url('/flaky')}",
    ]
    attempts = account.call("GET", f"/webhooks/{webhook['id']}/deliveries")["data"]
    assert [attempt["attempt"] for attempt in attempts] == [3, 2, 1]
    assert {attempt["deliveryId"] for attempt in attempts} == {requests[0].headers["webhook-id"]}


def test_integration_routes_set_and_rotate_the_default_webhook(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    account = admin(stack, account_id)
    first = account.call("GET", "/integration/webhook-settings")
    assert first["webhookUrl"] is None
    assert first["webhookSecret"].startswith("whsec_")
    url = receiver.url("/default")
    assert account.call("PUT", "/integration/webhook-settings", {"webhookUrl": url}) == {"success": True}
    assert account.call("GET", "/integration/webhook-settings") == {**first, "webhookUrl": url}
    publish(stack, account_id, "item.sold")
    (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    check_signatures(stack, request, first["webhookSecret"])

    rotated = account.call("POST", "/integration/webhook-settings/rotate-secret")
    assert rotated["webhookSecret"] != first["webhookSecret"]
    publish(stack, account_id, "item.sold")
    request = receiver.wait_for(2, PATIENCE_SECONDS)[1]
    check_signatures(stack, request, rotated["webhookSecret"])
    assert len(request.headers["webhook-signature"].split()) == 1

    assert account.call("PUT", "/integration/webhook-settings", {"webhookUrl": None}) == {"success": True}
    settings = account.call("GET", "/integration/webhook-settings")
    assert settings == {"webhookUrl": None, "webhookSecret": rotated["webhookSecret"]}


def test_same_event_id_is_delivered_once(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    made_webhook(admin(stack, account_id), receiver.url("/"))
    for _ in range(3):
        assert publish(stack, account_id, "order.created", id="order-1") == "order-1"
    publish(stack, account_id, "order.created", id="order-2")
    receiver.wait_for(2, PATIENCE_SECONDS)
    log = eventually(lambda: log_of(admin(stack, account_id)), lambda seen: len(seen) >= 2)
    assert len(log) == 2
    assert sorted(json.loads(request.body)["id"] for request in receiver.requests()) == ["order-1", "order-2"]


def test_deleted_webhook_gets_no_deliveries_or_retries(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/leaving", Behaviour(statuses=[500]))
    account_id = new_account()
    account = admin(stack, account_id)
    leaving = made_webhook(account, receiver.url("/leaving"))
    staying = made_webhook(account, receiver.url("/staying"))
    publish(stack, account_id, "order.created")
    receiver.wait_for(1, PATIENCE_SECONDS, "/leaving")
    assert account.send_request("DELETE", f"/webhooks/{leaving['id']}").status_code == 204
    arrived = len(receiver.requests("/leaving"))
    publish(stack, account_id, "order.created")
    receiver.wait_for(2, PATIENCE_SECONDS, "/staying")
    time.sleep(RETRIES_WITHIN_SECONDS)
    # An attempt may already have started before the response, but no attempt starts after it.
    assert len(receiver.requests("/leaving")) <= arrived + 1
    assert [webhook["id"] for webhook in account.call("GET", "/webhooks")["data"]] == [staying["id"]]


def test_webhook_is_disabled_when_its_receiver_returns_410(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/gone", Behaviour(statuses=[410]))
    account_id = new_account()
    account = admin(stack, account_id)
    made_webhook(account, receiver.url("/gone"))
    publish(stack, account_id, "order.created")
    receiver.wait_for(1, PATIENCE_SECONDS)
    (webhook,) = eventually(
        lambda: account.call("GET", "/webhooks")["data"], lambda seen: bool(seen[0]["status"] == "disabled")
    )
    assert webhook["url"] == receiver.url("/gone")


def test_refused_connections_are_retried_and_logged(stack: RunningStack) -> None:
    account_id = new_account()
    account = admin(stack, account_id)
    made_webhook(account, "http://127.0.0.1:1/closed")
    publish(stack, account_id, "order.created")
    log = eventually(lambda: log_of(account), lambda seen: len(seen) >= 2)
    assert {each["status"] for each in log} == {"failed"}
    assert {each["errorMessage"] for each in log} == {"Connection refused at http://127.0.0.1:1/closed"}
