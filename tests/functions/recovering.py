"""Webhooks with failed or missed deliveries, and their recoveries, for tests of recoveries."""

from collections.abc import Mapping
from typing import Any

from local.receiver import Behaviour, Receiver
from tests.functions.callers import ACCOUNT, admin, made_webhook, published
from tests.functions.calls import Answered, Caller, call
from tests.functions.cloud import Cloud

LONG_AGO = "2020-01-01T00:00:00Z"
PATH = "/recovering"


def failing(cloud: Cloud, receiver: Receiver, *, events: int = 3, account_id: str = ACCOUNT) -> dict[str, Any]:
    """Create an active webhook with failed deliveries. Its receiver works again."""
    receiver.response(PATH, Behaviour(statuses=[500]))
    webhook = made_webhook(receiver.url(PATH), account_id, retryScheduleSeconds=[])
    for number in range(events):
        published(account_id, id=f"failed-{number}")
    cloud.run_event_path()
    receiver.response(PATH, Behaviour())
    return webhook


def disabled(cloud: Cloud, receiver: Receiver, *, events: int = 3, account_id: str = ACCOUNT) -> dict[str, Any]:
    """Create a webhook that a 410 response to the event `gone` disabled. It missed further events, and its receiver
    works again.
    """
    receiver.response(PATH, Behaviour(statuses=[410]))
    webhook = made_webhook(receiver.url(PATH), account_id, events=["order.*"])  # and not `webhook.disabled`
    published(account_id, id="gone")
    cloud.run_event_path()
    for number in range(events):
        published(account_id, id=f"missed-{number}")
    cloud.run_event_path()
    receiver.response(PATH, Behaviour())
    return webhook


def enabled(webhook: Mapping[str, Any], account_id: str = ACCOUNT) -> dict[str, Any]:
    """Set the webhook to active and return it."""
    response = call("update_webhook", admin(account_id), object_id=webhook["id"], body={"status": "active"})
    assert (response.status, response.body["status"]) == (200, "active"), response.text
    changed: dict[str, Any] = response.body
    return changed


def recover(webhook: Mapping[str, Any], caller: Caller | None = None, **body: Any) -> Answered:
    """Request the recovery of a webhook, of all deliveries unless `body` says otherwise, and return the response."""
    return call("recover_webhook", caller or admin(), object_id=webhook["id"], body={"since": LONG_AGO, **body})


def started(webhook: Mapping[str, Any], caller: Caller | None = None, **body: Any) -> dict[str, Any]:
    """Start a recovery and return it."""
    response = recover(webhook, caller, **body)
    assert response.status == 202, response.text
    made: dict[str, Any] = response.body
    return made


def get(recovery: Mapping[str, Any], caller: Caller | None = None) -> Answered:
    """Return the response with the current state of a recovery."""
    path = {"recoveryId": recovery["id"]}
    return call("get_webhook_recovery", caller or admin(), object_id=recovery["webhookId"], path=path)


def cancel(recovery: Mapping[str, Any], caller: Caller | None = None) -> Answered:
    """Cancel a recovery and return the response."""
    path = {"recoveryId": recovery["id"]}
    return call("cancel_webhook_recovery", caller or admin(), object_id=recovery["webhookId"], path=path)
