"""PATCH /api-keys/{id}."""

from typing import Any

import pytest

from tests.functions.api_keys.settings import ALL_SETTINGS, BAD_SETTINGS, CHOSEN
from tests.functions.api_keys.test_create_api_key import OBJECT
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_profile, operator
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud

FUNCTION = "update_api_key"


def patched(made: dict[str, Any], patch: object, **changes: Any) -> Answered:
    return call(FUNCTION, admin(), object_id=made["id"], body=patch, **changes)


def differences(made: dict[str, Any], response: Answered) -> dict[str, Any]:
    """Return the fields that changed, without `updatedAt`."""
    assert response.status == 200, response.text
    assert list(response.body) == OBJECT
    return {name: response.body[name] for name in OBJECT if response.body[name] != made[name] and name != "updatedAt"}


def test_example_event_changes_only_the_fields_it_names(cloud: Cloud) -> None:
    made = made_key("orders:read", description="x", metadata={"a": 1}, credits={"remaining": 5})
    response = call(FUNCTION, admin(), object_id=made["id"])
    assert differences(made, response) == {
        "description": None,
        "rateLimit": {"limit": 600, "windowSeconds": 60, "burst": 600},
    }
    assert call("get_api_key", admin(), object_id=made["id"]).body == response.body
    assert cloud.audit(ACCOUNT) == ["api_key.created", "api_key.updated"]
    (event, _) = call("list_audit_events", admin(), query={}).body["data"]
    assert (event["targetId"], event["details"]) == (made["id"], {"changed": ["description", "rateLimit"]})


@pytest.mark.parametrize("name", [name for name in ALL_SETTINGS if name != "credits"])
def test_each_setting_changes_alone_and_null_resets_it(name: str) -> None:
    made = made_key()
    assert differences(made, patched(made, {name: ALL_SETTINGS[name]})) == {name: CHOSEN[name]}
    removed = patched(made, {name: None})
    if name == "name":
        assert (removed.status, removed.pointers) == (422, ["/name"])
    else:
        assert differences(made, removed) == {}


def test_nested_objects_are_merged(cloud: Cloud) -> None:
    made = made_key(**{**ALL_SETTINGS, "name": "Test"})
    patch = {"rateLimit": {"limit": 50}, "credits": {"remaining": 7}, "metadata": {"pk": "jo", "team": None}}
    changed = differences(made, patched(made, patch))
    assert changed == {
        "rateLimit": {"limit": 50, "windowSeconds": 60, "burst": 10},
        "credits": {**made["credits"], "remaining": 7},
        "metadata": {"pk": "jo"},
    }
    gone = differences(made, patched(made, {"rateLimit": {"burst": None}, "credits": {"refill": None}}))
    assert gone["rateLimit"] == {"limit": 50, "windowSeconds": 60, "burst": 50}
    assert gone["credits"] == {"remaining": 7, "refill": None}


def test_patch_does_not_restore_spent_credits(cloud: Cloud) -> None:
    made = made_key(credits={"remaining": 10})
    call("verify_api_key", operator(), body={"key": made["key"], "cost": 4})
    assert patched(made, {"name": "Another"}).body["credits"]["remaining"] == 6


def test_status_disables_and_enables_the_key() -> None:
    made = made_key()

    def verdict() -> str:
        return str(call("verify_api_key", operator(), body={"key": made["key"]}).body["code"])

    assert patched(made, {"status": "disabled"}).body["status"] == "disabled"
    assert verdict() == "DISABLED"
    assert patched(made, {"name": "Another"}).body["status"] == "disabled"
    assert patched(made, {"status": "active"}).body["status"] == "active"
    assert verdict() == "VALID"


def test_profile_is_assigned_and_removed_and_its_keys_are_counted(cloud: Cloud) -> None:
    made, profile_id = made_key(), made_profile()["id"]
    assert patched(made, {"profileId": profile_id}).body["profileId"] == profile_id
    assert cloud.keys_of_profile(profile_id) == 1
    assert patched(made, {"name": "Another"}).body["profileId"] == profile_id
    assert cloud.keys_of_profile(profile_id) == 1
    assert patched(made, {"profileId": None}).body["profileId"] is None
    assert cloud.keys_of_profile(profile_id) == 0


def test_owner_is_changed_and_reset_to_the_creator(cloud: Cloud) -> None:
    made = made_key()
    assert patched(made, {"ownerUserId": "user_7"}).body["ownerUserId"] == "user_7"
    assert patched(made, {"name": "Another"}).body["ownerUserId"] == "user_7"
    assert patched(made, {"ownerUserId": None}).body["ownerUserId"] == made["userId"]
    before = cloud.contents()
    assert patched(made, {"ownerUserId": made["userId"]}).status == 200
    assert cloud.contents() == before
    changed = [each["details"]["changed"] for each in call("list_audit_events", admin()).body["data"][:3]]
    assert changed == [["ownerUserId"], ["name"], ["ownerUserId"]]


@pytest.mark.parametrize("flaw", BAD_SETTINGS)
def test_invalid_field_is_422_with_pointer(flaw: str, cloud: Cloud) -> None:
    settings, pointers = BAD_SETTINGS[flaw]
    made = made_key("orders:read")
    before = cloud.contents()
    response = patched(made, settings)
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


@pytest.mark.parametrize("patch", [{"id": "x"}, {"key": "x"}, {"requestCount": 0}, {"status": "revoked"}])
def test_read_only_field_is_422(patch: dict[str, Any], cloud: Cloud) -> None:
    made = made_key()
    before = cloud.contents()
    response = patched(made, patch)
    assert (response.status, response.pointers) == (422, [f"/{name}" for name in patch])
    assert cloud.contents() == before


def test_patch_that_makes_the_merged_object_invalid_is_422(cloud: Cloud) -> None:
    made = made_key(rateLimit={"limit": 100, "windowSeconds": 60, "burst": 100})
    assert patched(made, {"rateLimit": {"limit": 50}}).status == 200
    limited = made_key(rateLimit={"limit": 100, "windowSeconds": 60, "burst": 80})
    before = cloud.contents()
    response = patched(limited, {"rateLimit": {"limit": 50}})
    assert (response.status, response.pointers) == (422, ["/rateLimit/burst"])
    assert cloud.contents() == before


def test_other_accounts_profile_gets_the_422_of_a_missing_profile(cloud: Cloud) -> None:
    made, theirs = made_key(), made_profile(OTHER_ACCOUNT)
    before = cloud.contents()
    refused = patched(made, {"profileId": theirs["id"]})
    missing = patched(made, {"profileId": "00000000-0000-4000-8000-000000000000"})
    assert (refused.status, refused.pointers) == (422, ["/profileId"])
    assert refused.without_request_id == missing.without_request_id
    assert cloud.contents() == before


def test_key_cannot_give_permissions_it_lacks_or_remove_a_deny_rule(cloud: Cloud) -> None:
    denying = made_profile(rules=[{"effect": "deny", "actions": ["orders:write"]}])
    made = made_key("orders:*", profileId=denying["id"])
    weaker = holder(made_key("api-keys:write", "orders:read")["key"])
    for patch, pointers in (
        ({"scopes": ["orders:read", "orders:write"]}, ["/scopes/1"]),
        ({"profileId": None}, ["/scopes/0"]),
    ):
        response = call(FUNCTION, weaker, object_id=made["id"], body=patch)
        assert (response.status, response.code, response.pointers) == (403, "scope_beyond_creator", pointers)
    assert call(FUNCTION, weaker, object_id=made["id"], body={"name": "Another"}).status == 200
    shown = call("get_api_key", admin(), object_id=made["id"]).body
    assert (shown["scopes"], shown["profileId"]) == (["orders:*"], denying["id"])


def test_merge_patch_media_type_is_accepted() -> None:
    made = made_key()
    response = patched(made, {"name": "Another"}, headers={"content-type": "application/merge-patch+json"})
    assert differences(made, response) == {"name": "Another"}


def test_revoked_key_is_409_and_unchanged(cloud: Cloud) -> None:
    made = made_key()
    call("revoke_api_key", admin(), object_id=made["id"])
    before = cloud.contents()
    response = patched(made, {"status": "active"})
    assert (response.status, response.code) == (409, "api_key_revoked")
    assert cloud.contents() == before


def test_other_accounts_key_gets_the_404_of_a_missing_key(cloud: Cloud) -> None:
    theirs = made_key(account_id=OTHER_ACCOUNT)
    before = cloud.contents()
    refused = patched(theirs, {"name": "Mine"})
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call(FUNCTION, admin()).without_request_id
    assert cloud.contents() == before
