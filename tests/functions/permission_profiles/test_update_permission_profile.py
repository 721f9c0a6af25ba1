"""PATCH /permission-profiles/{id}."""

import json
from typing import Any

import pytest

from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_profile, operator
from tests.functions.calls import Answered, Caller, call
from tests.functions.cloud import Cloud

READ = {"effect": "allow", "actions": ["orders:read"]}
WRITE = {"effect": "allow", "actions": ["orders:write"]}
NO_WRITE = {"effect": "deny", "actions": ["orders:write"]}


def update(profile: dict[str, Any], by: Caller | None = None, **patch: Any) -> Answered:
    return call("update_permission_profile", by or admin(), object_id=profile["id"], body=patch)


def code_of(key: str, *required: str) -> str:
    """Return the verification code of a key."""
    body = {"key": key, "requiredScopes": list(required)}
    return str(call("verify_api_key", operator(), body=body).body["code"])


def test_patch_changes_only_the_fields_it_names(cloud: Cloud) -> None:
    made = made_profile(name="Old", description="Old", rules=[READ])
    response = update(made, name="New")
    assert response.status == 200
    assert response.body == {**made, "name": "New", "updatedAt": response.body["updatedAt"]}
    assert response.body["updatedAt"] >= made["updatedAt"]
    assert update(made, rules=[READ, NO_WRITE]).body["rules"] == [READ, NO_WRITE]
    assert call("get_permission_profile", admin(), object_id=made["id"]).body["name"] == "New"
    assert cloud.audit(ACCOUNT) == ["permission_profile.created", *["permission_profile.updated"] * 2]


def test_null_resets_a_field() -> None:
    made = made_profile(description="Old", rules=[READ])
    changed = update(made, description=None, rules=None).body
    assert (changed["description"], changed["rules"]) == (None, [])
    assert update(made, name=None).pointers == ["/name"]


def test_merge_patch_media_type_is_accepted() -> None:
    made = made_profile()
    response = call(
        "update_permission_profile",
        admin(),
        object_id=made["id"],
        raw=json.dumps({"name": "New"}).encode(),
        headers={"content-type": "application/merge-patch+json"},
    )
    assert (response.status, response.body["name"]) == (200, "New")


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"name": "x" * 256}, "/name"),
        ({"rules": [{"effect": "allow", "actions": ["orders:read"] * 51}]}, "/rules/0/actions"),
        ({"rules": [READ, {"effect": "allow", "actions": ["no:such"]}]}, "/rules/1/actions/0"),
        ({"keyCount": 0}, "/keyCount"),
    ],
)
def test_invalid_patch_is_422_and_changes_nothing(patch: dict[str, Any], pointer: str, cloud: Cloud) -> None:
    made = made_profile()
    before = cloud.contents()
    response = update(made, **patch)
    assert (response.status, response.pointers) == (422, [pointer])
    assert cloud.contents() == before


def test_key_cannot_allow_more_than_its_own_scopes() -> None:
    made = made_profile(rules=[READ, NO_WRITE])
    key = holder(made_key("api-keys:write", "orders:read")["key"])
    refused = update(made, key, rules=[READ, WRITE, NO_WRITE])
    assert (refused.status, refused.code, refused.pointers) == (403, "scope_beyond_creator", ["/rules/1/actions/0"])
    refused = update(made, key, rules=[READ])
    assert (refused.status, refused.code, refused.pointers) == (403, "scope_beyond_creator", ["/rules"])
    assert update(made, key, name="New").status == 200
    assert update(made, key, rules=[NO_WRITE]).status == 200


def test_changed_rules_apply_to_the_next_request_of_each_key() -> None:
    profile = made_profile(rules=[READ])
    key = made_key("products:read", profileId=profile["id"])["key"]
    assert code_of(key, "orders:read", "products:read") == "VALID"
    assert code_of(key, "orders:write") == "INSUFFICIENT_SCOPE"
    update(profile, rules=[{"effect": "allow", "actions": ["orders:*"]}, {"effect": "deny", "actions": ["products:*"]}])
    assert code_of(key, "orders:write") == "VALID"
    assert code_of(key, "products:read") == "INSUFFICIENT_SCOPE"
    update(profile, rules=[])
    assert code_of(key, "orders:read") == "INSUFFICIENT_SCOPE"
    assert code_of(key, "products:read") == "VALID"


def test_key_cannot_remove_a_deny_rule_of_its_own_profile() -> None:
    profile = made_profile(rules=[NO_WRITE])
    key = holder(made_key("api-keys:write", "orders:read", "orders:write", profileId=profile["id"])["key"])
    refused = update(profile, key, rules=[])
    assert (refused.status, refused.pointers) == (403, ["/rules"])
    assert update(profile, rules=[{"effect": "deny", "actions": ["api-keys:*"]}]).status == 200
    assert update(profile, key, name="New").code == "insufficient_scope"


def test_other_accounts_profile_gets_the_404_of_a_missing_profile(cloud: Cloud) -> None:
    theirs = made_profile(OTHER_ACCOUNT)
    before = cloud.contents()
    refused = update(theirs, name="Mine")
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call("update_permission_profile", admin()).without_request_id
    assert cloud.contents() == before
