"""PUT /api-keys/{id}."""

from typing import Any

import pytest

from tests.functions.api_keys.settings import ALL_SETTINGS, BAD_SETTINGS, CHOSEN
from tests.functions.api_keys.test_create_api_key import OBJECT
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_profile, operator
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud

FUNCTION = "replace_api_key"


def replaced(made: dict[str, Any], **settings: Any) -> Answered:
    return call(FUNCTION, admin(), object_id=made["id"], body={"name": "Test", **settings})


def verdict(text: str, **asked: Any) -> str:
    return str(call("verify_api_key", operator(), body={"key": text, **asked}).body["code"])


def test_example_event_replaces_the_configuration(cloud: Cloud) -> None:
    made = made_key("orders:write", description="x", metadata={"a": 1}, ipAllowList=["192.0.2.1"])
    response = call(FUNCTION, admin(), object_id=made["id"])
    assert response.status == 200
    assert list(response.body) == OBJECT
    changed = {name: response.body[name] for name in OBJECT if response.body[name] != made[name]}
    assert changed == {
        "name": "Warehouse, by day",
        "description": None,
        "scopes": ["orders:read"],
        "metadata": {},
        "rateLimit": {"limit": 600, "windowSeconds": 60, "burst": 600},
        "ipAllowList": [],
        "updatedAt": response.body["updatedAt"],
    }
    assert call("get_api_key", admin(), object_id=made["id"]).body == response.body
    assert cloud.audit(ACCOUNT) == ["api_key.created", "api_key.updated"]
    (event, _) = call("list_audit_events", admin(), query={}).body["data"]
    assert event["details"] == {
        "changed": ["name", "description", "scopes", "metadata", "rateLimit", "ipAllowList"],
    }


def test_whole_configuration_is_replaced_and_omitted_fields_are_cleared(cloud: Cloud) -> None:
    profile_id = made_profile()["id"]
    made = made_key()
    full = call(FUNCTION, admin(), object_id=made["id"], body={**ALL_SETTINGS, "profileId": profile_id}).body
    assert {name: full[name] for name in CHOSEN} == {**CHOSEN, "credits": full["credits"], "profileId": profile_id}
    assert full["credits"]["remaining"] == ALL_SETTINGS["credits"]["remaining"]
    assert cloud.keys_of_profile(profile_id) == 1
    empty = replaced(made).body
    assert {name: empty[name] for name in CHOSEN} == {name: made[name] for name in CHOSEN}
    assert cloud.keys_of_profile(profile_id) == 0


def test_secret_and_state_are_kept(cloud: Cloud) -> None:
    made = made_key("orders:read", credits={"remaining": 10})
    assert verdict(made["key"], cost=3) == "VALID"
    changed = replaced(made, scopes=["orders:read"], credits={"remaining": 7}).body
    assert (changed["requestCount"], changed["credits"]["remaining"]) == (1, 7)
    assert (changed["createdAt"], changed["prefix"]) == (made["createdAt"], made["prefix"])
    assert verdict(made["key"], requiredScopes=["orders:read"]) == "VALID"
    assert cloud.items("ApiKeysTable")[0]["creditsLeft"] == 6


def test_disabled_key_is_refused_until_it_is_activated() -> None:
    made = made_key()
    assert replaced(made, status="disabled").body["status"] == "disabled"
    assert verdict(made["key"]) == "DISABLED"
    assert replaced(made).body["status"] == "disabled"
    assert verdict(made["key"]) == "DISABLED"
    assert replaced(made, status="active").body["status"] == "active"
    assert verdict(made["key"]) == "VALID"


@pytest.mark.parametrize("flaw", BAD_SETTINGS)
def test_invalid_field_is_422_with_pointer(flaw: str, cloud: Cloud) -> None:
    settings, pointers = BAD_SETTINGS[flaw]
    made = made_key("orders:read")
    before = cloud.contents()
    response = replaced(made, **settings)
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before


@pytest.mark.parametrize("status", ["revoked", "expired", "", 1])
def test_status_other_than_active_or_disabled_is_422(status: object, cloud: Cloud) -> None:
    made = made_key()
    before = cloud.contents()
    response = replaced(made, status=status)
    assert (response.status, response.pointers) == (422, ["/status"])
    assert cloud.contents() == before


def test_other_accounts_profile_gets_the_422_of_a_missing_profile(cloud: Cloud) -> None:
    made, theirs = made_key(), made_profile(OTHER_ACCOUNT)
    before = cloud.contents()
    refused = replaced(made, profileId=theirs["id"])
    missing = replaced(made, profileId="00000000-0000-4000-8000-000000000000")
    assert (refused.status, refused.pointers) == (422, ["/profileId"])
    assert refused.without_request_id == missing.without_request_id
    assert cloud.contents() == before


def test_key_cannot_give_permissions_that_it_lacks(cloud: Cloud) -> None:
    made = made_key("orders:read")
    wide = made_profile(rules=[{"effect": "allow", "actions": ["orders:*"]}])
    weaker = holder(made_key("api-keys:write", "orders:read")["key"])
    for settings, code, pointers in (
        ({"scopes": ["orders:read", "orders:write"]}, "scope_beyond_creator", ["/scopes/1"]),
        ({"scopes": ["orders:read"], "profileId": wide["id"]}, "profile_beyond_creator", ["/profileId"]),
    ):
        response = call(FUNCTION, weaker, object_id=made["id"], body={"name": "Test", **settings})
        assert (response.status, response.code, response.pointers) == (403, code, pointers)
    shown = call("get_api_key", admin(), object_id=made["id"]).body
    assert shown == {name: made[name] for name in OBJECT}
    assert cloud.audit(ACCOUNT).count("api_key.updated") == 0


def test_past_expiry_is_accepted_only_if_unchanged(cloud: Cloud) -> None:
    made = made_key()
    cloud.change_key(made["id"], expiresAt=1_000)
    assert replaced(made, expiresAt="1970-01-01T00:00:01Z").status == 200
    assert replaced(made, expiresAt="1970-01-01T00:00:02Z").pointers == ["/expiresAt"]
    assert replaced(made, expiresAt="2099-01-01T00:00:00Z").body["status"] == "active"


def test_revoked_key_is_409_and_unchanged(cloud: Cloud) -> None:
    made = made_key()
    call("revoke_api_key", admin(), object_id=made["id"])
    before = cloud.contents()
    response = replaced(made, name="Another")
    assert (response.status, response.code) == (409, "api_key_revoked")
    assert cloud.contents() == before


def test_other_accounts_key_gets_the_404_of_a_missing_key(cloud: Cloud) -> None:
    theirs = made_key(account_id=OTHER_ACCOUNT)
    before = cloud.contents()
    refused = replaced(theirs, name="Mine")
    assert (refused.status, refused.code) == (404, "not_found")
    assert refused.without_request_id == call(FUNCTION, admin()).without_request_id
    assert cloud.contents() == before
