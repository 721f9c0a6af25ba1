"""POST /webhooks/{id}/recoveries/{recoveryId}/cancel."""

from uuid import uuid4

import pytest

from local.receiver import Receiver
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_webhook
from tests.functions.cloud import Cloud
from tests.functions.environment import DRAIN_QUEUE, RETRY_QUEUE
from tests.functions.recovering import cancel, failing, get, recover, started

pytestmark = pytest.mark.usefixtures("no_waits_in_drains")


def test_recovery_cancelled_before_its_first_step_sends_nothing(cloud: Cloud, receiver: Receiver) -> None:
    made = started(failing(cloud, receiver))
    response = cancel(made)
    assert (response.status, response.body["status"]) == (200, "cancelled")
    assert response.body["endedAt"] == response.body["updatedAt"] >= made["createdAt"]
    cloud.take_step()
    assert (cloud.waiting(DRAIN_QUEUE), cloud.waiting(RETRY_QUEUE), len(receiver.requests())) == (0, 0, 3)
    assert get(made).body == response.body
    assert cloud.audit(ACCOUNT)[-1] == "webhook.recovery_cancelled"


def test_second_cancellation_changes_nothing(cloud: Cloud) -> None:
    made = started(made_webhook())
    first = cancel(made)
    before = cloud.contents()
    assert cancel(made).body == first.body
    assert cloud.contents() == before


def test_finished_recovery_is_409(cloud: Cloud) -> None:
    made = started(made_webhook())
    cloud.run_drains()
    before = cloud.contents()
    response = cancel(made)
    assert (response.status, response.code) == (409, "recovery_finished")
    assert cloud.contents() == before


def test_recovery_can_be_started_after_a_cancellation(cloud: Cloud, receiver: Receiver) -> None:
    webhook = failing(cloud, receiver)
    cancel(started(webhook))
    assert recover(webhook).status == 202
    cloud.run_drains()
    assert len(receiver.requests()) == 6


def test_other_accounts_or_webhooks_recovery_gets_the_404_of_a_missing_one() -> None:
    webhook, theirs = made_webhook(), made_webhook(account_id=OTHER_ACCOUNT)
    made, made_by_them = started(webhook), started(theirs, admin(OTHER_ACCOUNT))
    asked = [
        {"webhookId": theirs["id"], "id": made_by_them["id"]},
        {"webhookId": webhook["id"], "id": made_by_them["id"]},
        {"webhookId": made_webhook()["id"], "id": made["id"]},
        {"webhookId": webhook["id"], "id": str(uuid4())},
        {"webhookId": webhook["id"], "id": "nope"},
    ]
    refused = [cancel(each) for each in asked]
    assert {(response.status, response.code) for response in refused} == {(404, "not_found")}
    assert len({response.without_request_id for response in refused}) == 1
    assert get(made).body["status"] == get(made_by_them, admin(OTHER_ACCOUNT)).body["status"] == "running"


def test_scope_webhooks_write_is_required() -> None:
    made = started(made_webhook())
    assert cancel(made, holder(made_key("webhooks:read")["key"])).status == 403
    assert cancel(made, holder(made_key("webhooks:write")["key"])).status == 200
