"""GET /api-keys/current."""

from tests.functions.api_keys.test_create_api_key import OBJECT
from tests.functions.callers import admin, holder, made_key, made_profile
from tests.functions.calls import call
from tests.functions.cloud import Cloud

FUNCTION = "get_current_api_key"


def test_holder_sees_the_key_without_its_secret_and_with_this_use_counted() -> None:
    made = made_key("orders:read", rateLimit={"limit": 60, "windowSeconds": 60, "burst": 5}, credits={"remaining": 3})
    answer = call(FUNCTION, holder(made["key"]))
    assert answer.status == 200
    assert list(answer.body) == [*OBJECT, "grantedScopes"]
    changed = {name: answer.body[name] for name in OBJECT if answer.body[name] != made[name]}
    assert changed == {
        "requestCount": 1,
        "lastUsedAt": answer.body["lastUsedAt"],
        "credits": {"remaining": 2, "refill": None},
    }
    assert answer.body["lastUsedAt"] is not None
    assert answer.body["grantedScopes"] == ["orders:read"]
    assert answer.headers["ratelimit-policy"] == '"key";q=60;w=60'
    assert answer.headers["ratelimit"] == '"key";r=4;t=1'
    assert made["key"] not in answer.text


def test_key_that_may_do_nothing_may_know_that() -> None:
    answer = call(FUNCTION, holder(made_key()["key"]))
    assert (answer.status, answer.body["scopes"], answer.body["grantedScopes"]) == (200, [], [])
    assert "ratelimit" not in answer.headers


def test_granted_scopes_are_what_the_profile_leaves(cloud: Cloud) -> None:
    rules = [
        {"effect": "allow", "actions": ["products:read"]},
        {"effect": "deny", "actions": ["orders:write"]},
    ]
    made = made_key("orders:*", profileId=made_profile(rules=rules)["id"])
    shown = call(FUNCTION, holder(made["key"])).body
    assert (shown["scopes"], shown["grantedScopes"]) == (["orders:*"], ["orders:read", "products:read"])


def test_secret_in_its_grace_shows_the_same_key() -> None:
    made = made_key()
    rotated = call("rotate_api_key", admin(), thing_id=made["id"]).body
    shown = [call(FUNCTION, holder(text)).body["id"] for text in (made["key"], rotated["key"])]
    assert shown == [made["id"], made["id"]]
