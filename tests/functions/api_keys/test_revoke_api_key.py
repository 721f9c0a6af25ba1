"""DELETE /api-keys/{id}."""

from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, operator
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_revoked_key_is_refused_on_the_next_request(cloud: Cloud) -> None:
    made = made_key("api-keys:read")
    assert call("list_api_keys", holder(made["key"])).status == 200
    response = call("revoke_api_key", admin(), object_id=made["id"])
    assert (response.status, response.text) == (204, "")
    assert "content-type" not in response.headers
    assert call("list_api_keys", holder(made["key"])).status == 401
    verdict = call("verify_api_key", operator(), body={"key": made["key"]}).body
    assert (verdict["valid"], verdict["code"]) == (False, "REVOKED")
    shown = call("get_api_key", admin(), object_id=made["id"]).body
    assert shown["status"] == "revoked"
    assert shown["revokedAt"] is not None
    assert cloud.audit(ACCOUNT) == ["api_key.created", "api_key.revoked"]


def test_revocation_ends_the_grace_period_of_the_previous_secret() -> None:
    made = made_key("api-keys:read")
    rotated = call("rotate_api_key", admin(), object_id=made["id"], body={"gracePeriodSeconds": 600}).body
    call("revoke_api_key", admin(), object_id=made["id"])
    for text in (made["key"], rotated["key"]):
        assert call("list_api_keys", holder(text)).status == 401


def test_second_revocation_changes_nothing(cloud: Cloud) -> None:
    made = made_key()
    call("revoke_api_key", admin(), object_id=made["id"])
    before = cloud.contents()
    assert call("revoke_api_key", admin(), object_id=made["id"]).status == 204
    assert cloud.contents() == before


def test_other_accounts_key_gets_the_404_of_a_missing_key_and_still_works(cloud: Cloud) -> None:
    theirs = made_key("api-keys:read", account_id=OTHER_ACCOUNT)
    before = cloud.contents()
    refused = call("revoke_api_key", admin(), object_id=theirs["id"])
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call("revoke_api_key", admin()).without_request_id
    assert refused.without_request_id == call("revoke_api_key", admin(), object_id="nope").without_request_id
    assert cloud.contents() == before
    assert call("list_api_keys", holder(theirs["key"])).status == 200
