"""POST /permission-profiles."""

from typing import Any

import pytest

from latchhook.permissions.profiles import MAX_PROFILES_PER_ACCOUNT
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_profile, operator_key
from tests.functions.calls import call
from tests.functions.cloud import Cloud

PROFILE = ["id", "accountId", "name", "description", "rules", "keyCount", "memberCount", "createdAt", "updatedAt"]
READ = {"effect": "allow", "actions": ["orders:read"]}


def test_new_profile_is_returned_with_its_location(cloud: Cloud) -> None:
    rules = [{"effect": "allow", "actions": ["orders:*", "products:read"]}, {"effect": "deny", "actions": ["*"]}]
    response = call(
        "create_permission_profile", admin(), body={"name": "Readers", "description": "Read only", "rules": rules}
    )
    assert response.status == 201
    assert response.headers["location"] == f"permission-profiles/{response.body['id']}"
    assert list(response.body) == PROFILE
    assert (response.body["accountId"], response.body["keyCount"]) == (ACCOUNT, 0)
    assert (response.body["name"], response.body["description"], response.body["rules"]) == (
        "Readers",
        "Read only",
        rules,
    )
    assert response.body["createdAt"] == response.body["updatedAt"]
    assert call("get_permission_profile", admin(), object_id=response.body["id"]).body == response.body
    assert cloud.audit(ACCOUNT) == ["permission_profile.created"]


def test_profile_with_only_a_name_has_no_rules() -> None:
    made = made_profile(name="Nothing yet")
    assert (made["description"], made["rules"]) == (None, [])


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"rules": [READ] * 21}, "/rules"),
        ({"rules": [{"effect": "allow", "actions": ["orders:read"] * 50}, READ]}, "/rules"),
        ({"rules": [READ, {"effect": "permit", "actions": ["a:b"]}]}, "/rules/1/effect"),
        ({"rules": [{"effect": "allow", "actions": ["orders:read", "orders:delete"]}]}, "/rules/0/actions/1"),
        ({"rules": [READ, {"effect": "deny", "actions": ["order:*"]}]}, "/rules/1/actions/0"),
    ],
)
def test_invalid_profile_is_422_with_pointer(changes: dict[str, Any], pointer: str, cloud: Cloud) -> None:
    response = call("create_permission_profile", admin(), body={"name": "x", **changes})
    assert (response.status, response.pointers) == (422, [pointer])
    assert cloud.audit(ACCOUNT) == []


def test_key_cannot_allow_more_than_its_own_scopes() -> None:
    key = holder(made_key("api-keys:write", "orders:read")["key"])
    rules = [READ, {"effect": "allow", "actions": ["orders:read", "orders:write", "orders:*"]}]
    refused = call("create_permission_profile", key, body={"name": "More", "rules": rules})
    assert (refused.status, refused.code) == (403, "scope_beyond_creator")
    assert refused.pointers == ["/rules/1/actions/1", "/rules/1/actions/2"]
    denies = {"effect": "deny", "actions": ["*"]}
    assert call("create_permission_profile", key, body={"name": "Less", "rules": [READ, denies]}).status == 201


def test_only_the_operator_allows_operator_scopes() -> None:
    body = {"name": "Publishers", "rules": [{"effect": "allow", "actions": ["events:write"]}]}
    refused = call("create_permission_profile", admin(), body=body)
    assert (refused.status, refused.pointers) == (403, ["/rules/0/actions/0"])
    key = holder(operator_key("api-keys:write", "events:write")["key"])
    assert call("create_permission_profile", key, body=body).status == 201


def test_account_is_limited_to_a_hundred_profiles() -> None:
    for _ in range(MAX_PROFILES_PER_ACCOUNT):
        made_profile()
    response = call("create_permission_profile", admin())
    assert (response.status, response.code) == (409, "too_many_profiles")
    made_profile(OTHER_ACCOUNT)
