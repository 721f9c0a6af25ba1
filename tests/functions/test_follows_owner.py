"""Keys that follow their owner: the settings, and the rights on every way to use a key."""

from hashlib import sha256
from typing import Any

import pytest

from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_member, made_profile, operator
from tests.functions.calls import Caller, call, invoke, own_event
from tests.functions.cloud import Cloud

READERS = [{"effect": "allow", "actions": ["orders:read", "api-keys:read"]}]
USER = "auth0|zoe"


def owner(**settings: Any) -> str:
    """Make zoe a member whose profile allows to read, and return her user id."""
    profile_id = made_profile(rules=READERS)["id"]
    user_id: str = made_member(USER, **{"profileId": profile_id, **settings})["userId"]
    return user_id


def following(*scopes: str, **settings: Any) -> dict[str, Any]:
    """Create a key that follows zoe."""
    return made_key(*scopes or ("orders:*", "api-keys:*"), ownerUserId=USER, followsOwner=True, **settings)


def verified(made: dict[str, Any], *required: str) -> tuple[str, list[str]]:
    verdict = call("verify_api_key", operator(), body={"key": made["key"], "requiredScopes": list(required)}).body
    return verdict["code"], verdict["scopes"]


def remove_owner() -> None:
    assert call("delete_member", admin(), path={"userId": USER}).status == 204


def test_key_grants_what_the_key_and_its_owner_may_do() -> None:
    owner()
    made = following()
    assert (made["ownerUserId"], made["followsOwner"]) == (USER, True)
    assert verified(made, "orders:read") == ("VALID", ["api-keys:read", "orders:read"])
    assert verified(made, "orders:write")[0] == "INSUFFICIENT_SCOPE"
    current = call("get_current_api_key", holder(made["key"])).body
    assert (current["scopes"], current["grantedScopes"]) == (
        ["orders:*", "api-keys:*"],
        ["api-keys:read", "orders:read"],
    )
    assert call("list_api_keys", holder(made["key"])).status == 200
    assert call("create_api_key", holder(made["key"]), body={"name": "n"}).status == 403


@pytest.mark.parametrize("end", ["removed", "refused"])
def test_key_of_an_inactive_owner_is_refused_everywhere(end: str, cloud: Cloud) -> None:
    owner()
    made = following()
    assert verified(made)[0] == "VALID"
    if end == "removed":
        remove_owner()
    else:
        call("put_member", admin(), body={"role": "none"}, path={"userId": USER})
    assert verified(made) == ("OWNER_INACTIVE", [])
    assert call("list_api_keys", holder(made["key"])).status == 401
    asking = own_event("authorize_api_key") | {"headers": {"x-api-key": made["key"]}}
    assert invoke("authorize_api_key", asking)["isAuthorized"] is False
    assert call("get_api_key", admin(), object_id=made["id"]).body["requestCount"] == 1


def test_change_of_the_owners_profile_applies_to_the_next_use() -> None:
    owner()
    made = following()
    assert verified(made, "orders:read")[0] == "VALID"
    other = made_profile(rules=[{"effect": "allow", "actions": ["products:read"]}])["id"]
    owner(profileId=other)
    assert verified(made, "orders:read") == ("INSUFFICIENT_SCOPE", [])


OWNERS = {"an unknown user": None, "a user of another account": OTHER_ACCOUNT, "a refused user": ACCOUNT}


@pytest.mark.parametrize("account_id", OWNERS.values(), ids=OWNERS)
@pytest.mark.parametrize("way", ["create_api_key", "update_api_key", "replace_api_key", "import_api_keys"])
def test_key_cannot_follow_a_user_who_is_no_active_member(way: str, account_id: str | None, cloud: Cloud) -> None:
    if account_id is not None:
        made_member(USER, account_id, role="none" if account_id == ACCOUNT else "member")
    chosen = {"name": "k", "ownerUserId": USER, "followsOwner": True}
    object_id = made_key()["id"] if way in {"update_api_key", "replace_api_key"} else None
    before = cloud.items("ApiKeysTable")
    imports = way == "import_api_keys"
    body = {"keys": [{**chosen, "hash": sha256(b"made elsewhere").hexdigest()}]} if imports else chosen
    response = call(way, admin(), body=body, object_id=object_id)
    assert (response.status, response.body["code"]) == (422, "invalid_fields")
    assert [each["pointer"] for each in response.body["errors"]] == [f"{'/keys/0' if imports else ''}/followsOwner"]
    assert cloud.items("ApiKeysTable") == before


def test_imported_and_rotated_keys_follow_their_owner() -> None:
    owner()
    text = "a-key-of-another-system"
    imported = {"name": "k", "hash": sha256(text.encode()).hexdigest(), "ownerUserId": USER, "followsOwner": True}
    made = call("import_api_keys", admin(), body={"keys": [imported | {"scopes": ["orders:*"]}]}).body["data"][0]
    assert verified({"key": text}, "orders:read") == ("VALID", ["orders:read"])
    assert call("get_api_key", admin(), object_id=made["id"]).body["followsOwner"] is True
    rotated = call("rotate_api_key", admin(), object_id=following()["id"]).body
    assert rotated["followsOwner"] is True
    assert verified(rotated, "orders:write")[0] == "INSUFFICIENT_SCOPE"


def test_only_a_caller_with_the_keys_rights_ends_following() -> None:
    """Without its owner's limits, the key has more rights."""
    owner()
    made = following("orders:*")
    restricted = holder(made_key("api-keys:*", "orders:read")["key"])
    for change in ({"followsOwner": False}, {"ownerUserId": None, "followsOwner": False}):
        response = call("update_api_key", restricted, body=change, object_id=made["id"])
        assert (response.status, response.body["code"]) == (403, "scope_beyond_creator")
    assert verified(made, "orders:write")[0] == "INSUFFICIENT_SCOPE"
    assert call("update_api_key", admin(), body={"followsOwner": False}, object_id=made["id"]).status == 200
    assert verified(made, "orders:write")[0] == "VALID"


@pytest.mark.parametrize("value", [None, "true", 1])
@pytest.mark.parametrize("way", ["create_api_key", "update_api_key"])
def test_follows_owner_must_be_a_boolean(way: str, value: object) -> None:
    object_id = made_key()["id"] if way == "update_api_key" else None
    response = call(way, admin(), body={"name": "k", "followsOwner": value}, object_id=object_id)
    assert (response.status, [each["pointer"] for each in response.body["errors"]]) == (422, ["/followsOwner"])


# ---- A use that X-Account-Id refuses ----


def refused_account(caller: Caller, made: dict[str, Any]) -> tuple[int, str]:
    """Call with `X-Account-Id` of another account. Return the status and the code."""
    response = call("list_api_keys", caller, headers={"x-account-id": OTHER_ACCOUNT})
    assert call("get_api_key", admin(made["accountId"]), object_id=made["id"]).body["requestCount"] == 0
    return response.status, response.body["code"]


def test_use_in_a_foreign_account_is_not_counted() -> None:
    made = made_key("api-keys:read", credits={"remaining": 1})
    assert refused_account(holder(made["key"]), made) == (403, "account_not_allowed")
    assert call("list_api_keys", holder(made["key"]), headers={"x-account-id": ACCOUNT}).status == 200


def test_use_of_an_operators_key_that_may_not_act_is_not_counted() -> None:
    made = made_key("api-keys:read", account_id=OPERATOR_ACCOUNT_ID)
    assert refused_account(holder(made["key"]), made) == (403, "insufficient_scope")
