"""DELETE /members/{userId}."""

from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, made_member, made_profile
from tests.functions.calls import call
from tests.functions.cloud import Cloud

USER = {"userId": "auth0|64f0c2a1"}


def test_deleted_member_is_404(cloud: Cloud) -> None:
    made_member()
    response = call("delete_member", admin(), path=USER)
    assert (response.status, response.text) == (204, "")
    assert call("get_member", admin(), path=USER).status == 404
    assert call("delete_member", admin(), path=USER).status == 404
    assert cloud.audit(ACCOUNT) == ["member.created", "member.removed"]


def test_last_stored_admin_cannot_be_removed(cloud: Cloud) -> None:
    made_member(role="admin")
    before = cloud.contents()
    refused = call("delete_member", admin(), path=USER)
    assert (refused.status, refused.code) == (409, "last_admin")
    assert cloud.contents() == before
    made_member("another", role="admin")
    assert call("delete_member", admin(), path=USER).status == 204


def test_profile_of_a_member_cannot_be_deleted_before_the_member(cloud: Cloud) -> None:
    profile = made_profile()
    made_member(profileId=profile["id"])
    before = cloud.contents()
    refused = call("delete_permission_profile", admin(), object_id=profile["id"])
    assert (refused.status, refused.code) == (409, "profile_in_use")
    assert "Members that use it: 1" in refused.body["detail"]
    assert cloud.contents() == before
    assert call("delete_member", admin(), path=USER).status == 204
    assert call("delete_permission_profile", admin(), object_id=profile["id"]).status == 204


def test_other_accounts_member_gets_the_404_of_a_missing_member(cloud: Cloud) -> None:
    made_member("theirs", OTHER_ACCOUNT)
    before = cloud.contents()
    refused = call("delete_member", admin(), path={"userId": "theirs"})
    assert refused.without_request_id == call("delete_member", admin(), path={"userId": "b"}).without_request_id
    assert cloud.contents() == before
