"""DELETE /integration/api-keys/{id}."""

from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_revoked_key_is_refused_on_the_next_request(cloud: Cloud) -> None:
    made = made_key("api-keys:read")
    response = call("revoke_integration_key", admin(), object_id=made["id"])
    assert (response.status, response.text) == (204, "")
    assert call("list_api_keys", holder(made["key"])).status == 401
    assert cloud.audit(ACCOUNT) == ["api_key.created", "api_key.revoked"]


def test_other_accounts_key_gets_the_404_of_a_missing_key(cloud: Cloud) -> None:
    theirs = made_key("api-keys:read", account_id=OTHER_ACCOUNT)
    before = cloud.contents()
    refused = call("revoke_integration_key", admin(), object_id=theirs["id"])
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call("revoke_integration_key", admin()).without_request_id
    assert cloud.contents() == before
