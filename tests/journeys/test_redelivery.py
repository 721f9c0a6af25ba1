"""Test deliveries, manual retries and pauses, on the deployed product."""

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

QUIET_SECONDS = 6
"""Long enough for a delivery and two retries on the local stage, in seconds."""


def made_webhook(account: Caller, url: str, **settings: Any) -> dict[str, Any]:
    made: dict[str, Any] = account.call("POST", "/webhooks", {"url": url, **settings}, status=201)
    return made


def set_status(account: Caller, webhook: dict[str, Any], status: str) -> None:
    changed = account.call("PATCH", f"/webhooks/{webhook['id']}", {"status": status})
    assert changed["status"] == status


def history(account: Caller, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = account.call("GET", f"/webhooks/{webhook['id']}/deliveries")["data"]
    return made


def test_test_event_is_signed_and_the_response_is_returned(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/hook", Behaviour(statuses=[201], headers={"X-Served-By": "a receiver"}, body=b"got it"))
    account = admin(stack, new_account())
    webhook = made_webhook(account, receiver.url("/hook"), events=["nothing.like.it"])
    sent = account.call("POST", f"/webhooks/{webhook['id']}/test", {"event": "lap.created", "entity": {"number": 7}})
    (request,) = receiver.requests()
    check_signatures(stack, request, webhook["secret"])
    assert (sent["status"], sent["trigger"], sent["errorMessage"]) == ("success", "test", None)
    assert (sent["response"]["status"], sent["response"]["body"]) == (201, "got it")
    assert sent["response"]["headers"]["X-Served-By"] == "a receiver"
    assert sent["request"]["headers"]["webhook-id"] == request.headers["webhook-id"] == sent["deliveryId"]
    assert 0 < sent["timingsMs"]["connect"] <= sent["timingsMs"]["total"]
    assert json.loads(request.body)["entity"] == {"number": 7}
    assert history(account, webhook) == [sent]


def test_failed_test_delivery_is_explained_and_not_retried(stack: RunningStack) -> None:
    account = admin(stack, new_account())
    webhook = made_webhook(account, "http://127.0.0.1:1/closed")
    sent = account.call("POST", f"/webhooks/{webhook['id']}/test", {})
    assert (sent["status"], sent["response"], sent["nextAttemptAt"]) == ("failed", None, None)
    assert sent["errorMessage"] == "Connection refused at http://127.0.0.1:1/closed"
    time.sleep(QUIET_SECONDS)
    assert history(account, webhook) == [sent]


def test_failed_delivery_succeeds_on_manual_retry(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/hook", Behaviour(statuses=[503, 200]))
    account_id = new_account()
    account = admin(stack, account_id)
    webhook = made_webhook(account, receiver.url("/hook"), retryScheduleSeconds=[])
    publish(stack, account_id, "order.created")
    (failed,) = eventually(lambda: history(account, webhook), bool)
    path = f"/webhooks/{webhook['id']}/deliveries/{failed['deliveryId']}"
    before = account.call("GET", path)
    assert (before["status"], before["nextAttemptAt"], before["attempts"]) == ("failed", None, [failed])
    retried = account.call("POST", f"{path}/retry", status=202)
    assert retried == {"deliveryId": failed["deliveryId"], "attempt": 2}
    first, second = receiver.wait_for(2, PATIENCE_SECONDS)
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == failed["deliveryId"]
    assert first.body == second.body == before["requestBody"].encode()
    check_signatures(stack, second, webhook["secret"])
    after = eventually(lambda: account.call("GET", path), lambda seen: bool(seen["status"] == "success"))
    assert [(each["attempt"], each["trigger"]) for each in after["attempts"]] == [(2, "manual"), (1, "event")]


def test_events_during_a_pause_are_delivered_once_after_it(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    account = admin(stack, account_id)
    webhook = made_webhook(account, receiver.url("/hook"))
    set_status(account, webhook, "paused")
    ids = {publish(stack, account_id, "order.created", entity={"number": number}) for number in range(5)}
    time.sleep(QUIET_SECONDS)
    assert (receiver.requests(), history(account, webhook)) == ([], [])
    set_status(account, webhook, "active")
    receiver.wait_for(5, PATIENCE_SECONDS)
    eventually(lambda: history(account, webhook), lambda seen: len(seen) == 5)
    time.sleep(QUIET_SECONDS)
    arrived = [json.loads(request.body)["id"] for request in receiver.requests()]
    made = history(account, webhook)
    assert sorted(arrived) == sorted(each["eventId"] for each in made) == sorted(ids)
    assert {(each["attempt"], each["status"]) for each in made} == {(1, "success")}
    for request in receiver.requests():
        check_signatures(stack, request, webhook["secret"])


def test_retry_during_a_pause_is_sent_after_it(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/hook", Behaviour(statuses=[500, 200]))
    account_id = new_account()
    account = admin(stack, account_id)
    webhook = made_webhook(account, receiver.url("/hook"), retryScheduleSeconds=[5])
    publish(stack, account_id, "order.created")
    eventually(lambda: history(account, webhook), bool)
    set_status(account, webhook, "paused")
    time.sleep(5 * 1.2 + QUIET_SECONDS)
    assert len(receiver.requests()) == 1
    set_status(account, webhook, "active")
    receiver.wait_for(2, PATIENCE_SECONDS)
    made = eventually(lambda: history(account, webhook), lambda seen: len(seen) == 2)
    assert [(each["attempt"], each["trigger"], each["status"]) for each in made] == [
        (2, "retry", "success"),
        (1, "event", "failed"),
    ]


def test_webhook_deleted_during_a_pause_gets_no_deliveries(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    account = admin(stack, account_id)
    leaving = made_webhook(account, receiver.url("/leaving"))
    staying = made_webhook(account, receiver.url("/staying"))
    for webhook in (leaving, staying):
        set_status(account, webhook, "paused")
    publish(stack, account_id, "order.created")
    time.sleep(QUIET_SECONDS)
    account.call("DELETE", f"/webhooks/{leaving['id']}", status=204)
    set_status(account, staying, "active")
    receiver.wait_for(1, PATIENCE_SECONDS, "/staying")
    time.sleep(QUIET_SECONDS)
    assert receiver.requests("/leaving") == []
