"""PUT /integration/webhook-settings."""

import pytest

from tests.functions.bad_urls import BAD_URLS
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_example_event_sets_the_url_and_keeps_the_secret(cloud: Cloud) -> None:
    secret = call("get_webhook_settings", admin()).body["webhookSecret"]
    response = call("put_webhook_settings", admin())
    assert (response.status, response.body) == (200, {"success": True})
    settings = call("get_webhook_settings", admin()).body
    assert settings == {"webhookUrl": "https://hooks.example.com/latchhook", "webhookSecret": secret}
    assert "webhook.updated" in cloud.audit(ACCOUNT)


def test_url_can_be_set_before_the_first_read() -> None:
    assert call("put_webhook_settings", admin()).status == 200
    assert call("get_webhook_settings", admin()).body["webhookUrl"] == "https://hooks.example.com/latchhook"


def test_null_removes_the_url_and_keeps_the_secret() -> None:
    call("put_webhook_settings", admin())
    secret = call("get_webhook_settings", admin()).body["webhookSecret"]
    assert call("put_webhook_settings", admin(), body={"webhookUrl": None}).body == {"success": True}
    assert call("get_webhook_settings", admin()).body == {"webhookUrl": None, "webhookSecret": secret}


def test_other_accounts_settings_are_unchanged() -> None:
    call("put_webhook_settings", admin())
    assert call("get_webhook_settings", admin(OTHER_ACCOUNT)).body["webhookUrl"] is None


@pytest.mark.parametrize("url", BAD_URLS)
@pytest.mark.usefixtures("public_internet_only")
def test_forbidden_url_is_422_and_changes_nothing(url: object, cloud: Cloud) -> None:
    call("put_webhook_settings", admin())
    before = cloud.contents()
    response = call("put_webhook_settings", admin(), body={"webhookUrl": url})
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", ["/webhookUrl"])
    assert cloud.contents() == before


@pytest.mark.parametrize("body", [{}, {"webhookUrl": ""}, {"webhookUrl": 7}, {"webhookUrl": "https://h/" + "x" * 2048}])
def test_body_without_a_valid_url_is_422(body: dict[str, object], cloud: Cloud) -> None:
    before = cloud.contents()
    response = call("put_webhook_settings", admin(), body=body)
    assert (response.status, response.pointers) == (422, ["/webhookUrl"])
    assert cloud.contents() == before
