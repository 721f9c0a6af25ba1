"""DELETE /webhooks/{id} (document 003)."""

from local.receiver import Receiver
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, made_webhook, published
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_deleted_webhook_is_gone(cloud: Cloud) -> None:
    made = made_webhook()
    response = call("delete_webhook", admin(), object_id=made["id"])
    assert (response.status, response.text) == (204, "")
    assert call("list_webhooks", admin()).body["data"] == []
    assert call("delete_webhook", admin(), object_id=made["id"]).status == 404
    assert cloud.audit(ACCOUNT) == ["webhook.created", "webhook.deleted"]


def test_nothing_is_sent_to_it_any_more_not_even_what_waits(cloud: Cloud, receiver: Receiver) -> None:
    made = made_webhook(receiver.url("/"))
    published()
    cloud.drain("EventQueue", "fan_out_event")
    call("delete_webhook", admin(), object_id=made["id"])
    published()
    cloud.run_event_path()
    assert receiver.requests() == []


def test_another_accounts_webhook_is_the_404_of_a_missing_one_and_lives_on(cloud: Cloud) -> None:
    theirs = made_webhook(account_id=OTHER_ACCOUNT)
    before = cloud.contents()
    refused = call("delete_webhook", admin(), object_id=theirs["id"])
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call("delete_webhook", admin()).without_request_id
    assert refused.without_request_id == call("delete_webhook", admin(), object_id="COUNTERS").without_request_id
    assert cloud.contents() == before


def test_default_webhook_is_deleted_like_any_other_and_made_anew_with_another_secret() -> None:
    old = call("get_webhook_settings", admin()).body["webhookSecret"]
    (default,) = call("list_webhooks", admin()).body["data"]
    assert call("delete_webhook", admin(), object_id=default["id"]).status == 204
    assert call("get_webhook_settings", admin()).body["webhookSecret"] != old
