"""Webhooks that something was lost to, and their recoveries, for tests of all that is done with them."""

from collections.abc import Mapping
from typing import Any

from local.receiver import Behaviour, Receiver
from tests.functions.callers import ACCOUNT, admin, made_webhook, published
from tests.functions.calls import Answered, Caller, call
from tests.functions.cloud import Cloud
from tests.functions.environment import RECOVERY_QUEUE, RETRY_QUEUE

LONG_AGO = "2020-01-01T00:00:00Z"
PATH = "/recovering"


def failing(cloud: Cloud, receiver: Receiver, *, events: int = 3, account_id: str = ACCOUNT) -> dict[str, Any]:
    """An active webhook to which some deliveries have failed for good; its receiver works again."""
    receiver.response(PATH, Behaviour(statuses=[500]))
    webhook = made_webhook(receiver.url(PATH), account_id, retryScheduleSeconds=[])
    for number in range(events):
        published(account_id, id=f"failed-{number}")
    cloud.run_event_path()
    receiver.response(PATH, Behaviour())
    return webhook


def disabled(cloud: Cloud, receiver: Receiver, *, events: int = 3, account_id: str = ACCOUNT) -> dict[str, Any]:
    """A webhook whose receiver was gone at the event `gone`, and came back after some more."""
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
    """The webhook, active again."""
    response = call("update_webhook", admin(account_id), object_id=webhook["id"], body={"status": "active"})
    assert (response.status, response.body["status"]) == (200, "active"), response.text
    changed: dict[str, Any] = response.body
    return changed


def recover(webhook: Mapping[str, Any], caller: Caller | None = None, **body: Any) -> Answered:
    """The answer to the wish to recover it, of everything unless `body` says else."""
    return call("recover_webhook", caller or admin(), object_id=webhook["id"], body={"since": LONG_AGO, **body})


def started(webhook: Mapping[str, Any], caller: Caller | None = None, **body: Any) -> dict[str, Any]:
    """A recovery that has begun."""
    response = recover(webhook, caller, **body)
    assert response.status == 202, response.text
    made: dict[str, Any] = response.body
    return made


def get(recovery: Mapping[str, Any], caller: Caller | None = None) -> Answered:
    """The recovery as it is now."""
    path = {"recoveryId": recovery["id"]}
    return call("get_webhook_recovery", caller or admin(), object_id=recovery["webhookId"], path=path)


def cancel(recovery: Mapping[str, Any], caller: Caller | None = None) -> Answered:
    """The answer to the wish to cancel it."""
    path = {"recoveryId": recovery["id"]}
    return call("cancel_webhook_recovery", caller or admin(), object_id=recovery["webhookId"], path=path)


def take_step(cloud: Cloud) -> None:
    """The worker takes the steps that are on the queue."""
    assert cloud.drain(RECOVERY_QUEUE, "recover_deliveries") == []


def run_steps(cloud: Cloud) -> None:
    """The worker takes all steps."""
    while cloud.waiting(RECOVERY_QUEUE):
        take_step(cloud)


def run_to_its_end(cloud: Cloud) -> None:
    """The worker takes all steps, and what is recovered is attempted."""
    run_steps(cloud)
    while cloud.waiting(RETRY_QUEUE):
        assert cloud.drain(RETRY_QUEUE, "retry_webhook") == []
