"""GET /permission-profiles/{id} (document 003)."""

import pytest

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, made_profile, made_webhook
from tests.functions.calls import call


def test_profile_is_answered_as_it_was_made() -> None:
    made = made_profile(rules=[{"effect": "deny", "actions": ["*"]}])
    response = call("get_permission_profile", holder(made_key("api-keys:read")["key"]), object_id=made["id"])
    assert (response.status, response.body) == (200, made)


def test_profile_says_how_many_keys_have_it() -> None:
    made = made_profile()
    for _ in range(2):
        made_key(profileId=made["id"])
    assert call("get_permission_profile", admin(), object_id=made["id"]).body == {**made, "keyCount": 2}


def test_another_accounts_profile_is_the_404_of_a_missing_one() -> None:
    theirs = made_profile(OTHER_ACCOUNT)
    refused = call("get_permission_profile", admin(), object_id=theirs["id"])
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call("get_permission_profile", admin()).without_request_id


@pytest.mark.parametrize("object_id", ["COUNTERS", "x", "{c2a1e6d4-7b3f-4e58-8d90-1f6a2b5c7e34}"])
def test_what_can_be_no_id_is_404(object_id: str) -> None:
    missing = call("get_permission_profile", admin())
    assert call("get_permission_profile", admin(), object_id=object_id).without_request_id == missing.without_request_id


def test_webhooks_id_is_no_profile() -> None:
    assert call("get_permission_profile", admin(), object_id=made_webhook()["id"]).status == 404
