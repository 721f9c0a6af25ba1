"""GET /api-keys/current."""

from tests.functions.api_keys.test_create_api_key import OBJECT
from tests.functions.callers import admin, holder, made_key, made_profile
from tests.functions.calls import call
from tests.functions.cloud import Cloud

FUNCTION = "get_current_api_key"


def test_key_is_shown_without_secret_and_this_use_is_counted() -> None:
    made = made_key("orders:read", rateLimit={"limit": 60, "windowSeconds": 60, "burst": 5}, credits={"remaining": 3})
    response = call(FUNCTION, holder(made["key"]))
    assert response.status == 200
    assert list(response.body) == [*OBJECT, "grantedScopes"]
    changed = {name: response.body[name] for name in OBJECT if response.body[name] != made[name]}
    assert changed == {
        "requestCount": 1,
        "lastUsedAt": response.body["lastUsedAt"],
        "credits": {"remaining": 2, "refill": None},
    }
    assert response.body["lastUsedAt"] is not None
    assert response.body["grantedScopes"] == ["orders:read"]
    assert response.headers["ratelimit-policy"] == '"key";q=60;w=60'
    assert response.headers["ratelimit"] == '"key";r=4;t=1'
    assert made["key"] not in response.text


def test_key_without_scopes_is_shown() -> None:
    response = call(FUNCTION, holder(made_key()["key"]))
    assert (response.status, response.body["scopes"], response.body["grantedScopes"]) == (200, [], [])
    assert "ratelimit" not in response.headers


def test_granted_scopes_follow_the_profile_rules(cloud: Cloud) -> None:
    rules = [
        {"effect": "allow", "actions": ["products:read"]},
        {"effect": "deny", "actions": ["orders:write"]},
    ]
    made = made_key("orders:*", profileId=made_profile(rules=rules)["id"])
    shown = call(FUNCTION, holder(made["key"])).body
    assert (shown["scopes"], shown["grantedScopes"]) == (["orders:*"], ["orders:read", "products:read"])


def test_previous_secret_in_its_grace_period_shows_the_same_key() -> None:
    made = made_key()
    rotated = call("rotate_api_key", admin(), object_id=made["id"]).body
    shown = [call(FUNCTION, holder(text)).body["id"] for text in (made["key"], rotated["key"])]
    assert shown == [made["id"], made["id"]]
