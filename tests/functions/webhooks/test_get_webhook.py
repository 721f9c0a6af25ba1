"""GET /webhooks/{id}."""

from uuid import uuid4

import pytest

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, made_webhook
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.webhooks.test_create_webhook import OBJECT


def test_webhook_is_shown_as_in_the_list_without_its_secret(cloud: Cloud) -> None:
    made = made_webhook(headers={"X-API-Key": "s3cret", "X-Shop": "acme"}, retryScheduleSeconds=[])
    before = cloud.contents()
    response = call("get_webhook", admin(), object_id=made["id"])
    assert response.status == 200
    assert list(response.body) == OBJECT
    assert response.body == {name: made[name] for name in OBJECT}
    assert response.body["headers"] == {"X-API-Key": "[redacted]", "X-Shop": "acme"}
    assert response.body["retryScheduleSeconds"] == []
    assert call("list_webhooks", admin()).body["data"] == [response.body]
    assert cloud.contents() == before


def test_key_with_the_scope_reads_its_accounts_webhooks() -> None:
    made = made_webhook()
    assert call("get_webhook", holder(made_key("webhooks:read")["key"]), object_id=made["id"]).status == 200


@pytest.mark.parametrize("function", ["get_webhook", "update_webhook", "rotate_webhook_secret"])
def test_other_accounts_missing_or_malformed_webhook_id_is_the_same_404(function: str, cloud: Cloud) -> None:
    theirs = made_webhook(account_id=OTHER_ACCOUNT)["id"]
    before = cloud.contents()
    responses = {
        call(function, admin(), object_id=object_id).without_request_id
        for object_id in (theirs, uuid4(), "x", theirs.replace("-", ""))
    }
    (response,) = responses
    assert response.startswith("[404, ")
    assert cloud.contents() == before
