"""Recoveries of failed deliveries and of events during a disabled period, on the deployed product."""

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
LONG_AGO = "2020-01-01T00:00:00Z"


def started(account: Caller, webhook: dict[str, Any], **body: Any) -> str:
    """Start a recovery and return the path from its response."""
    response = account.send_request("POST", f"/webhooks/{webhook['id']}/recover", {"since": LONG_AGO, **body})
    assert response.status_code == 202, response.text
    assert response.json()["status"] == "running"
    return f"/webhooks/{webhook['id']}/{response.headers['location']}"


def ended(account: Caller, path: str) -> dict[str, Any]:
    """Wait for the end of a recovery and return it."""
    return eventually(lambda: dict(account.call("GET", path)), lambda seen: bool(seen["status"] != "running"))


def attempts(account: Caller, webhook: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return each attempt's event, trigger and status."""
    made = account.call("GET", f"/webhooks/{webhook['id']}/deliveries?limit=100")["data"]
    return [(each["eventId"], each["trigger"], each["status"]) for each in made]


def disabled_by_410(stack: RunningStack, account: Caller, account_id: str, receiver: Receiver) -> dict[str, Any]:
    """Create a webhook that its receiver disables with 410."""
    receiver.response("/hook", Behaviour(statuses=[410]))
    body = {"url": receiver.url("/hook"), "events": ["order.*"]}  # without `webhook.disabled`, which it would miss
    made: dict[str, Any] = account.call("POST", "/webhooks", body, status=201)
    publish(stack, account_id, "order.created", id="gone")
    path = f"/webhooks/{made['id']}"
    eventually(lambda: account.call("GET", path), lambda seen: bool(seen["status"] == "disabled"))
    receiver.response("/hook", Behaviour())
    return made


def test_events_of_a_disabled_period_are_delivered_by_a_recovery(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    account = admin(stack, account_id)
    webhook = disabled_by_410(stack, account, account_id, receiver)
    ids = {publish(stack, account_id, "order.created", entity={"number": number}) for number in range(5)}
    time.sleep(QUIET_SECONDS)
    assert len(receiver.requests()) == 1
    enabled = account.call("PATCH", f"/webhooks/{webhook['id']}", {"status": "active"})
    assert enabled["recoverSince"] is not None
    path = started(account, webhook, since=enabled["recoverSince"], only="missing")
    seen = ended(account, path)
    assert (seen["status"], seen["examined"], seen["sent"], seen["skipped"]) == ("finished", 5, 5, 0)
    requests = receiver.wait_for(6, PATIENCE_SECONDS)
    for request in requests[1:]:
        check_signatures(stack, request, webhook["secret"])
    assert {json.loads(request.body)["id"] for request in requests[1:]} == ids
    made = eventually(lambda: attempts(account, webhook), lambda seen: len(seen) == 6)
    assert {each for each in made if each[1] == "recover"} == {(each, "recover", "success") for each in ids}
    assert account.call("GET", f"/webhooks/{webhook['id']}")["recoverSince"] is None


def test_failed_deliveries_are_recovered_with_the_same_webhook_id(stack: RunningStack, receiver: Receiver) -> None:
    receiver.response("/hook", Behaviour(statuses=[500]))
    account_id = new_account()
    account = admin(stack, account_id)
    body = {"url": receiver.url("/hook"), "retryScheduleSeconds": []}
    webhook = account.call("POST", "/webhooks", body, status=201)
    for number in range(3):
        publish(stack, account_id, "order.created", id=f"order-{number}")
    eventually(lambda: attempts(account, webhook), lambda seen: len(seen) == 3)
    receiver.response("/hook", Behaviour())
    path = started(account, webhook, only="failed")
    seen = ended(account, path)
    assert (seen["status"], seen["examined"], seen["sent"]) == ("finished", 3, 3)
    requests = receiver.wait_for(6, PATIENCE_SECONDS)
    assert len({request.headers["webhook-id"] for request in requests}) == 3
    made = eventually(lambda: attempts(account, webhook), lambda seen: len(seen) == 6)
    assert {each for each in made if each[1] == "recover"} == {
        (f"order-{number}", "recover", "success") for number in range(3)
    }
    again = ended(account, started(account, webhook))
    assert (again["examined"], again["sent"]) == (3, 0)
    listed = account.call("GET", f"/webhooks/{webhook['id']}/recoveries")
    assert [each["id"] for each in listed["data"]] == [again["id"], seen["id"]]
    assert account.send_request("POST", f"{path}/cancel").status_code == 409


def test_cancelled_recovery_sends_nothing(stack: RunningStack, receiver: Receiver) -> None:
    account_id = new_account()
    account = admin(stack, account_id)
    webhook = disabled_by_410(stack, account, account_id, receiver)
    publish(stack, account_id, "order.created")
    time.sleep(QUIET_SECONDS)
    account.call("PATCH", f"/webhooks/{webhook['id']}", {"status": "active"})
    path = started(account, webhook)
    assert account.send_request("POST", f"/webhooks/{webhook['id']}/recover", {"since": LONG_AGO}).status_code == 409
    cancelled = account.call("POST", f"{path}/cancel")
    assert (cancelled["status"], cancelled["sent"]) == ("cancelled", 0)
    time.sleep(QUIET_SECONDS)
    assert account.call("GET", path) == cancelled
    assert len(receiver.requests()) == 1
    assert ended(account, started(account, webhook))["sent"] == 2


def test_webhook_of_another_account_cannot_be_recovered(stack: RunningStack) -> None:
    webhook = admin(stack, new_account()).call("POST", "/webhooks", {"url": "http://127.0.0.1:1/"}, status=201)
    refused = admin(stack, new_account()).send_request(
        "POST", f"/webhooks/{webhook['id']}/recover", {"since": LONG_AGO}
    )
    assert refused.status_code == 404
