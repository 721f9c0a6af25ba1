"""GET /permission-profiles/{id}."""

import pytest

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, made_profile, made_webhook
from tests.functions.calls import call


def test_profile_is_returned_as_created() -> None:
    made = made_profile(rules=[{"effect": "deny", "actions": ["*"]}])
    response = call("get_permission_profile", holder(made_key("api-keys:read")["key"]), object_id=made["id"])
    assert (response.status, response.body) == (200, made)


def test_number_of_keys_is_returned() -> None:
    made = made_profile()
    for _ in range(2):
        made_key(profileId=made["id"])
    assert call("get_permission_profile", admin(), object_id=made["id"]).body == {**made, "keyCount": 2}


def test_other_accounts_profile_gets_the_404_of_a_missing_profile() -> None:
    theirs = made_profile(OTHER_ACCOUNT)
    refused = call("get_permission_profile", admin(), object_id=theirs["id"])
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call("get_permission_profile", admin()).without_request_id


@pytest.mark.parametrize("object_id", ["COUNTERS", "x", "{c2a1e6d4-7b3f-4e58-8d90-1f6a2b5c7e34}"])
def test_malformed_id_is_404(object_id: str) -> None:
    missing = call("get_permission_profile", admin())
    assert call("get_permission_profile", admin(), object_id=object_id).without_request_id == missing.without_request_id


def test_id_of_a_webhook_is_404() -> None:
    assert call("get_permission_profile", admin(), object_id=made_webhook()["id"]).status == 404
