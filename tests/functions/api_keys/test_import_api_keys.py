"""POST /api-keys/import."""

from hashlib import sha256
from typing import Any

import pytest

from tests.functions.api_keys.settings import ALL_SETTINGS, BAD_SETTINGS, CHOSEN
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, holder, made_key, made_profile, operator
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud
from tests.template_tables import API_KEYS

FUNCTION = "import_api_keys"
TEXT = "old_live_x7Vq2mZp9Lr4Ts8Wn1"


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def one(text: str = TEXT, **settings: Any) -> dict[str, Any]:
    return {"name": "From elsewhere", "hash": hashed(text), **settings}


def imported(*keys: dict[str, Any], account_id: str = ACCOUNT) -> Answered:
    return call(FUNCTION, admin(account_id), body={"keys": list(keys)})


def outcomes(response: Answered) -> list[str]:
    assert response.status == 200, response.text
    assert list(response.body) == ["data"]
    assert all(list(each) == ["id", "outcome"] for each in response.body["data"])
    return [each["outcome"] for each in response.body["data"]]


def shown(response: Answered) -> Any:
    return call("get_api_key", admin(), object_id=response.body["data"][0]["id"]).body


def verdict(text: str, **asked: Any) -> Any:
    return call("verify_api_key", operator(), body={"key": text, **asked}).body


def test_example_event_imports_the_key_it_describes(cloud: Cloud) -> None:
    response = call(FUNCTION, admin(user_id="user-1"))
    assert outcomes(response) == ["created"]
    key = shown(response)
    assert (key["name"], key["scopes"], key["userId"]) == ("Shop, from the old system", ["orders:read"], "user-1")
    assert (key["prefix"], key["keyPrefix"]) == ("old_live_x7", "old_live_x7")
    (event,) = call("list_audit_events", admin(), query={}).body["data"]
    assert (event["action"], event["targetId"]) == ("api_key.created", key["id"])
    assert event["details"] == {"imported": True}


def test_imported_key_is_verified_by_its_old_key_text() -> None:
    response = imported(one(**{**ALL_SETTINGS, "ipAllowList": []}, prefix="old_live_x7Vq2mZ"))
    key = shown(response)
    expected = {**CHOSEN, "ipAllowList": [], "credits": key["credits"]}
    assert {name: key[name] for name in CHOSEN} == expected
    assert key["credits"]["remaining"] == ALL_SETTINGS["credits"]["remaining"]
    assert (key["prefix"], key["keyPrefix"]) == ("old_live_x7Vq2mZ", "old_live_x7V")
    good = verdict(TEXT, requiredScopes=["orders:write"])
    assert (good["code"], good["keyId"]) == ("VALID", key["id"])
    assert verdict(TEXT[:-1] + "2")["code"] == "NOT_FOUND"
    call("revoke_api_key", admin(), object_id=key["id"])
    assert verdict(TEXT)["code"] == "REVOKED"


def test_old_key_text_authenticates_requests() -> None:
    imported(one(scopes=["api-keys:read"]))
    assert call("list_api_keys", holder(TEXT)).status == 200


def test_rotation_creates_our_key_text_and_the_old_text_keeps_its_grace() -> None:
    key = shown(imported(one(prefix="old_live_x7")))
    rotated = call("rotate_api_key", admin(), object_id=key["id"], body={"gracePeriodSeconds": 600}).body
    assert rotated["key"].startswith(rotated["prefix"])
    assert rotated["prefix"] != "old_live_x7"
    assert [verdict(text)["code"] for text in (TEXT, rotated["key"])] == ["VALID", "VALID"]


def test_outcomes_are_in_order_and_repeated_import_changes_nothing(cloud: Cloud) -> None:
    profile_id = made_profile()["id"]
    keys = [one(f"{TEXT}{number}", profileId=profile_id) for number in range(61)]
    first = imported(*keys)
    assert outcomes(first) == ["created"] * 61
    assert cloud.keys_of_profile(profile_id) == 61
    before = cloud.contents()
    again = imported(*keys)
    assert outcomes(again) == ["exists"] * 61
    assert [each["id"] for each in again.body["data"]] == [each["id"] for each in first.body["data"]]
    assert cloud.contents() == before
    both = imported(*keys[:2], one("another text of an old key"))
    assert outcomes(both) == ["exists", "exists", "created"]


def test_key_of_another_account_is_not_changed(cloud: Cloud) -> None:
    imported(one(), account_id=OTHER_ACCOUNT)
    before = cloud.contents()
    response = imported(one(name="Mine", scopes=["orders:read"]))
    assert outcomes(response) == ["exists"]
    assert cloud.contents() == before
    assert verdict(TEXT)["accountId"] == OTHER_ACCOUNT


def test_key_text_and_hash_are_not_shown(cloud: Cloud) -> None:
    response = imported(one())
    assert hashed(TEXT) not in response.text
    (item,) = cloud.items(API_KEYS)
    assert bytes.fromhex(hashed(TEXT)) == bytes(item["secretHash"])
    assert hashed(TEXT)[:32] not in item["id"].replace("-", "")


def refused(response: Answered, status: int, code: str, *pointers: str) -> None:
    assert (response.status, response.code, response.pointers) == (status, code, list(pointers))


def test_repeated_hash_is_422_and_nothing_is_stored(cloud: Cloud) -> None:
    before = cloud.contents()
    response = imported(
        one(), one("another text of an old key"), one(name="Again"), {**one(), "hash": hashed(TEXT).upper()}
    )
    refused(response, 422, "invalid_fields", "/keys/2/hash", "/keys/3/hash")
    assert cloud.contents() == before


@pytest.mark.parametrize("count", [0, 1_001])
def test_import_of_zero_or_over_a_thousand_keys_is_422(count: int, cloud: Cloud) -> None:
    before = cloud.contents()
    refused(imported(*(one(f"{TEXT}{number}") for number in range(count))), 422, "invalid_fields", "/keys")
    assert cloud.contents() == before


@pytest.mark.parametrize("flaw", BAD_SETTINGS)
def test_invalid_setting_is_422_with_pointer(flaw: str, cloud: Cloud) -> None:
    settings, pointers = BAD_SETTINGS[flaw]
    before = cloud.contents()
    response = imported(one("another text of an old key"), one(**settings))
    refused(response, 422, "invalid_fields", *(f"/keys/1{pointer}" for pointer in pointers))
    assert cloud.contents() == before


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"hash": "ab" * 31}, "/keys/0/hash"),
        ({"hash": "ab" * 33}, "/keys/0/hash"),
        ({"hash": "zz" * 32}, "/keys/0/hash"),
        ({"hash": hashed(TEXT) + "\n"}, "/keys/0/hash"),
        ({"hash": 7}, "/keys/0/hash"),
        ({"prefix": "x" * 17}, "/keys/0/prefix"),
        ({"prefix": "a\nb"}, "/keys/0/prefix"),
        ({"key": TEXT}, "/keys/0/key"),
    ],
)
def test_invalid_hash_or_prefix_is_422_with_pointer(change: dict[str, Any], pointer: str, cloud: Cloud) -> None:
    before = cloud.contents()
    response = imported({**one(), **change})
    refused(response, 422, "invalid_fields", pointer)
    assert hashed(TEXT) not in response.text
    assert cloud.contents() == before


def test_other_accounts_profile_gets_the_422_of_a_missing_profile(cloud: Cloud) -> None:
    theirs = made_profile(OTHER_ACCOUNT)
    before = cloud.contents()
    response = imported(one(profileId=theirs["id"]))
    refused(response, 422, "invalid_fields", "/keys/0/profileId")
    missing = imported(one(profileId="00000000-0000-4000-8000-000000000000"))
    assert response.without_request_id == missing.without_request_id
    assert cloud.contents() == before


def test_key_cannot_import_keys_with_more_permissions(cloud: Cloud) -> None:
    wide = made_profile(rules=[{"effect": "allow", "actions": ["orders:*"]}])
    weaker = holder(made_key("api-keys:write", "orders:read")["key"])
    keys = len(cloud.items(API_KEYS))
    for settings, code, pointer in (
        ({"scopes": ["orders:read", "orders:write"]}, "scope_beyond_creator", "/keys/1/scopes/1"),
        ({"profileId": wide["id"]}, "profile_beyond_creator", "/keys/1/profileId"),
    ):
        body = {"keys": [one("another text of an old key"), one(**settings)]}
        refused(call(FUNCTION, weaker, body=body), 403, code, pointer)
    assert len(cloud.items(API_KEYS)) == keys
    allowed = call(FUNCTION, weaker, body={"keys": [one(scopes=["orders:read"])]})
    assert outcomes(allowed) == ["created"]
