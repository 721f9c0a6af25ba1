"""GET /webhooks/{id}/recoveries/{recoveryId}."""

from datetime import datetime
from uuid import uuid4

import pytest

from local.receiver import Receiver
from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, made_webhook
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.recovering import failing, get, started

pytestmark = pytest.mark.usefixtures("no_waits_in_drains")


def test_progress_is_shown(cloud: Cloud, receiver: Receiver) -> None:
    webhook = failing(cloud, receiver, events=2)
    made = started(webhook)
    cloud.run_drains()
    seen = get(made).body
    assert (seen["status"], seen["examined"], seen["sent"], seen["skipped"]) == ("finished", 2, 2, 0)
    assert seen["lookingFor"] == "missing"
    assert _at(made["createdAt"]) <= _at(seen["endedAt"]) == _at(seen["updatedAt"])


def test_time_of_the_last_examined_event_is_shown(cloud: Cloud, receiver: Receiver) -> None:
    webhook = failing(cloud, receiver, events=2)
    made = started(webhook, only="failed")
    cloud.run_drains()
    assert _at(webhook["createdAt"]) <= _at(get(made).body["reachedAt"]) <= _at(made["until"])


def test_other_accounts_or_webhooks_recovery_gets_the_404_of_a_missing_one(cloud: Cloud) -> None:
    webhook, other, theirs = made_webhook(), made_webhook(), made_webhook(account_id=OTHER_ACCOUNT)
    made, made_by_them = started(webhook), started(theirs, admin(OTHER_ACCOUNT))
    asked = [
        {"webhookId": theirs["id"], "id": made_by_them["id"]},
        {"webhookId": webhook["id"], "id": made_by_them["id"]},
        {"webhookId": other["id"], "id": made["id"]},
        {"webhookId": webhook["id"], "id": str(uuid4())},
        {"webhookId": webhook["id"], "id": "nope"},
    ]
    refused = [get(each) for each in asked]
    assert {(response.status, response.code) for response in refused} == {(404, "not_found")}
    assert len({response.without_request_id for response in refused}) == 1
    assert get(made).status == 200


def test_recovery_of_a_deleted_webhook_is_404() -> None:
    webhook = made_webhook()
    made = started(webhook)
    call("delete_webhook", admin(), object_id=webhook["id"])
    assert get(made).status == 404


def test_scope_webhooks_read_is_required() -> None:
    made = started(made_webhook())
    assert get(made, holder(made_key("webhooks:read")["key"])).status == 200
    assert get(made, holder(made_key("webhooks:write")["key"])).status == 403


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
