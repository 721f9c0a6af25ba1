"""GET /integration/webhook-settings."""

import re

from botocore.exceptions import ClientError

from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, made_webhook
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.template_tables import SETTINGS

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Encrypt")


def test_first_read_creates_an_encrypted_secret(cloud: Cloud) -> None:
    response = call("get_webhook_settings", admin())
    assert response.status == 200
    assert list(response.body) == ["webhookUrl", "webhookSecret"]
    assert response.body["webhookUrl"] is None
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{40}", response.body["webhookSecret"])
    assert response.body["webhookSecret"] not in str(cloud.contents())


def test_settings_stay_the_same_and_each_read_is_audited(cloud: Cloud) -> None:
    first = call("get_webhook_settings", admin())
    assert call("get_webhook_settings", admin()).body == first.body
    assert sorted(cloud.audit(ACCOUNT)) == ["webhook.created", "webhook.secret_read", "webhook.secret_read"]


def test_settings_belong_to_the_accounts_default_webhook() -> None:
    secret = call("get_webhook_settings", admin()).body["webhookSecret"]
    listed = call("list_webhooks", admin()).body["data"]
    assert [(webhook["url"], webhook["events"], webhook["status"]) for webhook in listed] == [(None, ["*"], "active")]
    assert call("get_webhook_settings", admin(OTHER_ACCOUNT)).body["webhookSecret"] != secret


def test_kms_outage_is_503_and_stores_nothing(cloud: Cloud, fail_operation: Fail) -> None:
    before = cloud.contents()
    with fail_operation("kms", "Encrypt", DENIED):
        assert call("get_webhook_settings", admin()).status == 503
    assert cloud.contents() == before


def test_account_at_its_webhook_limit_is_409(cloud: Cloud) -> None:
    for _ in range(50):
        made_webhook()
    before = cloud.contents()
    response = call("get_webhook_settings", admin())
    assert (response.status, response.code) == (409, "too_many_webhooks")
    assert cloud.contents() == before
    assert len([item for item in cloud.items(SETTINGS) if item["sk"].startswith("WEBHOOK#")]) == 50
