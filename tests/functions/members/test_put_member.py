"""PUT /members/{userId}."""

from typing import Any

import pytest

from latchhook.members.member import MAX_CLIENT_ACCOUNTS
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_member, made_profile
from tests.functions.calls import call
from tests.functions.cloud import Cloud

MEMBER = [
    "userId",
    "accountId",
    "role",
    "profileId",
    "name",
    "email",
    "clientAccountCount",
    "createdAt",
    "updatedAt",
    "clientAccountIds",
]
MISSING_PROFILE = "c2a1e6d4-7b3f-4e58-8d90-1f6a2b5c7e34"
USER = {"userId": "auth0|64f0c2a1"}


def test_new_member_is_returned_with_its_location(cloud: Cloud) -> None:
    body = {"role": "admin", "name": "Zoë", "email": "zoe@example.com"}
    response = call("put_member", admin(), body=body, path=USER)
    assert (response.status, response.headers["location"]) == (201, "auth0%7C64f0c2a1")
    assert list(response.body) == MEMBER
    assert {name: response.body[name] for name in body} == body
    assert (response.body["userId"], response.body["accountId"]) == (USER["userId"], ACCOUNT)
    assert call("get_member", admin(), path=USER).body == response.body
    assert cloud.audit(ACCOUNT) == ["member.created"]


def test_put_replaces_every_field_of_a_member(cloud: Cloud) -> None:
    profile = made_profile()
    made_member(role="member", profileId=profile["id"], name="Zoë")
    response = call("put_member", admin(), body={"role": "admin"}, path=USER)
    assert (response.status, "location" in response.headers) == (200, False)
    assert (response.body["role"], response.body["profileId"], response.body["name"]) == ("admin", None, None)
    assert call("get_permission_profile", admin(), object_id=profile["id"]).body["memberCount"] == 0
    assert cloud.audit(ACCOUNT)[-1] == "member.updated"


def test_put_without_a_change_writes_nothing(cloud: Cloud) -> None:
    made = made_member(role="advisor", name="Zoë")
    before = cloud.contents()
    response = call("put_member", admin(), body={"role": "advisor", "name": "Zoë"}, path=USER)
    assert (response.status, response.body) == (200, made)
    assert cloud.contents() == before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/role"),
        ({"role": "owner"}, "/role"),
        ({"role": "business_admin"}, "/role"),
        ({"role": None}, "/role"),
        ({"role": "admin", "name": ""}, "/name"),
        ({"role": "admin", "email": "zoe"}, "/email"),
        ({"role": "admin", "profileId": "x"}, "/profileId"),
        ({"role": "admin", "profileId": MISSING_PROFILE}, "/profileId"),
        ({"role": "admin", "clientAccountIds": ["globex"]}, ""),
        ({"role": "none", "profileId": MISSING_PROFILE}, ""),
        ({"role": "advisor", "clientAccountIds": ["a#b"]}, "/clientAccountIds/0"),
        (
            {"role": "advisor", "clientAccountIds": [str(n) for n in range(MAX_CLIENT_ACCOUNTS + 1)]},
            "/clientAccountIds",
        ),
    ],
)
def test_invalid_member_is_422_with_pointer(body: dict[str, Any], pointer: str, cloud: Cloud) -> None:
    response = call("put_member", admin(), body=body, path=USER)
    assert (response.status, response.pointers) == (422, [pointer])
    assert cloud.audit(ACCOUNT) == []


@pytest.mark.parametrize("user_id", ["a b", "zoë", "x" * 256, "a\nb"])
def test_invalid_user_id_is_422(user_id: str) -> None:
    response = call("put_member", admin(), body={"role": "admin"}, path={"userId": user_id})
    assert (response.status, response.pointers) == (422, ["{userId}"])


def test_longest_user_id_is_accepted() -> None:
    path = {"userId": "x" * 255}
    assert call("put_member", admin(), body={"role": "admin"}, path=path).status == 201
    assert call("get_member", admin(), path=path).status == 200


def test_profile_of_another_account_is_that_of_a_missing_one(cloud: Cloud) -> None:
    theirs = made_profile(OTHER_ACCOUNT)
    before = cloud.contents()
    refused = call("put_member", admin(), body={"role": "member", "profileId": theirs["id"]}, path=USER)
    missing = call("put_member", admin(), body={"role": "member", "profileId": MISSING_PROFILE}, path=USER)
    assert refused.without_request_id == missing.without_request_id
    assert cloud.contents() == before


def test_admin_cannot_add_client_accounts(cloud: Cloud) -> None:
    body = {"role": "advisor", "clientAccountIds": ["globex"]}
    refused = call("put_member", admin(), body=body, path=USER)
    assert (refused.status, refused.code, refused.pointers) == (403, "clients_beyond_caller", ["/clientAccountIds/0"])
    assert set(cloud.audit(ACCOUNT)) == {"request.refused"}


def test_last_stored_admin_cannot_be_demoted(cloud: Cloud) -> None:
    made_member(role="admin")
    before = cloud.contents()
    refused = call("put_member", admin(), body={"role": "member"}, path=USER)
    assert (refused.status, refused.code) == (409, "last_admin")
    assert cloud.contents() == before
    made_member("another", role="admin")
    assert call("put_member", admin(), body={"role": "member"}, path=USER).status == 200


@pytest.mark.parametrize("function", ["list_members", "get_member", "put_member", "delete_member"])
def test_key_with_every_scope_may_not_see_or_change_members(function: str, cloud: Cloud) -> None:
    key = holder(made_key("*")["key"])
    made_member()
    refused = call(function, key, body={"role": "admin"}, path=None if function == "list_members" else USER)
    assert (refused.status, refused.code) == (403, "insufficient_scope")
    assert [each["role"] for each in call("list_members", admin()).body["data"]] == ["member"]


def test_member_scopes_cannot_be_granted_to_keys_or_profiles() -> None:
    scope = "account-members:write"
    key = call("create_api_key", admin(), body={"name": "x", "scopes": [scope]})
    assert (key.status, key.pointers) == (422, ["/scopes/0"])
    rules = [{"effect": "allow", "actions": [scope]}]
    profile = call("create_permission_profile", admin(), body={"name": "x", "rules": rules})
    assert (profile.status, profile.pointers) == (422, ["/rules/0/actions/0"])
