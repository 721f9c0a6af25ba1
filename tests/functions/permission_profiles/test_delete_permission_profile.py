"""DELETE /permission-profiles/{id}."""

from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, made_key, made_profile
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_deleted_profile_is_404(cloud: Cloud) -> None:
    made = made_profile()
    response = call("delete_permission_profile", admin(), object_id=made["id"])
    assert (response.status, response.text) == (204, "")
    assert call("get_permission_profile", admin(), object_id=made["id"]).status == 404
    assert call("delete_permission_profile", admin(), object_id=made["id"]).status == 404
    assert call("list_permission_profiles", admin()).body["data"] == []
    assert cloud.audit(ACCOUNT) == ["permission_profile.created", "permission_profile.deleted"]


def test_profile_in_use_is_409_with_its_number_of_keys(cloud: Cloud) -> None:
    made = made_profile()
    for _ in range(2):
        made_key(profileId=made["id"])
    before = cloud.contents()
    response = call("delete_permission_profile", admin(), object_id=made["id"])
    assert (response.status, response.code) == (409, "profile_in_use")
    assert "Keys that use it: 2" in response.body["detail"]
    assert cloud.contents() == before


def test_profile_whose_keys_are_revoked_can_be_deleted() -> None:
    made = made_profile()
    key = made_key(profileId=made["id"])
    assert call("delete_permission_profile", admin(), object_id=made["id"]).status == 409
    call("revoke_api_key", admin(), object_id=key["id"])
    assert call("delete_permission_profile", admin(), object_id=made["id"]).status == 204


def test_other_accounts_profile_gets_the_404_of_a_missing_profile(cloud: Cloud) -> None:
    theirs = made_profile(OTHER_ACCOUNT)
    made_key(account_id=OTHER_ACCOUNT, profileId=theirs["id"])
    before = cloud.contents()
    refused = call("delete_permission_profile", admin(), object_id=theirs["id"])
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call("delete_permission_profile", admin()).without_request_id
    assert refused.without_request_id == call("delete_permission_profile", admin(), object_id="x").without_request_id
    assert cloud.contents() == before
