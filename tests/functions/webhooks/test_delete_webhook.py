"""DELETE /webhooks/{id}."""

from local.receiver import Receiver
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, made_webhook, published
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_deleted_webhook_is_404(cloud: Cloud) -> None:
    made = made_webhook()
    response = call("delete_webhook", admin(), object_id=made["id"])
    assert (response.status, response.text) == (204, "")
    assert call("list_webhooks", admin()).body["data"] == []
    assert call("delete_webhook", admin(), object_id=made["id"]).status == 404
    assert cloud.audit(ACCOUNT) == ["webhook.created", "webhook.deleted"]


def test_deleted_webhook_gets_no_queued_deliveries(cloud: Cloud, receiver: Receiver) -> None:
    made = made_webhook(receiver.url("/"))
    published()
    cloud.drain("EventQueue", "fan_out_event")
    call("delete_webhook", admin(), object_id=made["id"])
    published()
    cloud.run_event_path()
    assert receiver.requests() == []


def test_other_accounts_webhook_gets_the_404_of_a_missing_webhook(cloud: Cloud) -> None:
    theirs = made_webhook(account_id=OTHER_ACCOUNT)
    before = cloud.contents()
    refused = call("delete_webhook", admin(), object_id=theirs["id"])
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call("delete_webhook", admin()).without_request_id
    assert refused.without_request_id == call("delete_webhook", admin(), object_id="COUNTERS").without_request_id
    assert cloud.contents() == before


def test_deleted_default_webhook_is_created_again_with_another_secret() -> None:
    old = call("get_webhook_settings", admin()).body["webhookSecret"]
    (default,) = call("list_webhooks", admin()).body["data"]
    assert call("delete_webhook", admin(), object_id=default["id"]).status == 204
    assert call("get_webhook_settings", admin()).body["webhookSecret"] != old
