"""POST /api-keys/bulk-revoke."""

from typing import Any
from uuid import uuid4

import pytest

from latchhook.api_keys import bulk_revocation
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, made_key, made_profile, operator
from tests.functions.calls import Answered, call
from tests.functions.cloud import Cloud

FUNCTION = "revoke_api_keys"


def revoked(chosen: dict[str, Any], account_id: str = ACCOUNT, **body: Any) -> Answered:
    return call(FUNCTION, admin(account_id), body={"filter": chosen, **body})


def outcomes(response: Answered) -> dict[str, str]:
    assert response.status == 200, response.text
    assert list(response.body) == ["dryRun", "data", "nextCursor"]
    return {one["id"]: one["outcome"] for one in response.body["data"]}


def statuses() -> dict[str, str]:
    return {key["id"]: key["status"] for key in call("list_api_keys", admin(), query={"limit": "100"}).body["data"]}


def test_example_event_is_a_dry_run_that_lists_matching_keys(cloud: Cloud) -> None:
    made = made_key(name="Old one")
    cloud.change_key(made["id"], createdAt=1_000)
    recent = made_key()
    before = cloud.contents()
    response = call(FUNCTION, admin())
    assert response.body == {
        "dryRun": True,
        "data": [{"id": made["id"], "outcome": "would_be_revoked", "name": "Old one", "prefix": made["prefix"]}],
        "nextCursor": None,
    }
    assert cloud.contents() == before
    assert recent["id"] not in response.text


def test_matching_keys_are_revoked_with_an_audit_entry_each(cloud: Cloud) -> None:
    profile_id = made_profile()["id"]
    found = [made_key("orders:read", profileId=profile_id) for _ in range(3)]
    other, theirs = made_key("orders:write"), made_key("orders:read", account_id=OTHER_ACCOUNT)
    response = revoked({"scope": "orders:read"})
    assert outcomes(response) == dict.fromkeys((made["id"] for made in found), "revoked")
    assert response.body["dryRun"] is False
    for made in found:
        assert call("verify_api_key", operator(), body={"key": made["key"]}).body["code"] == "REVOKED"
    assert call("verify_api_key", operator(), body={"key": other["key"]}).body["code"] == "VALID"
    assert call("verify_api_key", operator(), body={"key": theirs["key"]}).body["code"] == "VALID"
    assert cloud.audit(ACCOUNT).count("api_key.revoked") == 3
    assert cloud.keys_of_profile(profile_id) == 0
    assert outcomes(revoked({"scope": "orders:read"})) == {}


def test_more_keys_than_one_transaction_allows_are_all_revoked(cloud: Cloud) -> None:
    made = {made_key()["id"] for _ in range(32)}
    assert outcomes(revoked({"all": True})) == dict.fromkeys(made, "revoked")
    assert set(statuses().values()) == {"revoked"}
    assert cloud.audit(ACCOUNT).count("api_key.revoked") == 32


def test_named_keys_are_revoked_and_unknown_ids_are_not_found(cloud: Cloud) -> None:
    mine, gone, theirs, missing = made_key(), made_key(), made_key(account_id=OTHER_ACCOUNT), str(uuid4())
    call("revoke_api_key", admin(), object_id=gone["id"])
    response = revoked({"ids": [mine["id"], theirs["id"], missing, mine["id"].upper(), gone["id"]]})
    assert outcomes(response) == {
        mine["id"]: "revoked",
        theirs["id"]: "not_found",
        missing: "not_found",
        gone["id"]: "already_revoked",
    }
    told = {one["id"]: (one["outcome"], one["name"], one["prefix"]) for one in response.body["data"]}
    assert told[theirs["id"]] == told[missing] == ("not_found", None, None)
    assert call("verify_api_key", operator(), body={"key": theirs["key"]}).body["code"] == "VALID"


def test_each_filter_field_works_and_all_are_combined(cloud: Cloud) -> None:
    profile_id = made_profile()["id"]
    plain, disabled, old = made_key(name="Plain"), made_key(name="Disabled"), made_key(name="Old")
    with_profile, child_of = made_key(name="Child", profileId=profile_id), made_key("api-keys:write")
    call("update_api_key", admin(), object_id=disabled["id"], body={"status": "disabled"})
    cloud.change_key(old["id"], createdAt=1_000, expiresAt=2_000)
    used = made_key(name="Used")
    cloud.change_key(used["id"], createdAt=1_000)
    call("verify_api_key", operator(), body={"key": used["key"]})
    child = call("create_api_key", admin(user_id="user-2"), body={"name": "k"}).body
    year = "2026-01-01T00:00:00Z"
    for chosen, found in (
        ({"status": "disabled"}, {disabled["id"]}),
        ({"status": "expired"}, {old["id"]}),
        ({"search": "LAI"}, {plain["id"]}),
        ({"profileId": profile_id}, {with_profile["id"]}),
        ({"scope": "api-keys:write"}, {child_of["id"]}),
        ({"userId": "user-2"}, {child["id"]}),
        ({"createdBefore": year}, {old["id"], used["id"]}),
        ({"unusedSince": year}, {old["id"]}),
        ({"rotatedBefore": year}, {old["id"], used["id"]}),
        ({"expiresBefore": year}, {old["id"]}),
        ({"ownerUserId": "user-2"}, {child["id"]}),
        ({"createdBefore": year, "search": "Used"}, {used["id"]}),
        ({"createdBefore": year, "search": "Plain"}, set()),
        ({"all": True}, set(statuses())),
    ):
        assert set(outcomes(revoked(chosen, dryRun=True))) == found, chosen


def test_cursor_continues_through_a_large_account(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_revocation, "MAX_EXAMINED", 2)
    made = [made_key()["id"] for _ in range(5)]
    cursor, seen = None, []
    for _ in range(3):
        response = revoked({"all": True}, **({} if cursor is None else {"cursor": cursor}))
        seen += list(outcomes(response))
        cursor = response.body["nextCursor"]
    assert cursor is None
    assert sorted(seen) == sorted(made)


def test_cursor_of_another_account_or_edited_cursor_is_422(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_revocation, "MAX_EXAMINED", 1)
    for account_id in (ACCOUNT, ACCOUNT, OTHER_ACCOUNT, OTHER_ACCOUNT):
        made_key(account_id=account_id)
    theirs = revoked({"all": True}, OTHER_ACCOUNT, dryRun=True).body["nextCursor"]
    ours = revoked({"all": True}, dryRun=True).body["nextCursor"]
    of_list = call("list_api_keys", admin(), query={"limit": "1"}).body["nextCursor"]
    edited = ours[:-2] + ("A" if ours[-2] != "A" else "B") + ours[-1]
    before = cloud.contents()
    for cursor in (theirs, edited, of_list, "x", ""):
        response = revoked({"all": True}, cursor=cursor)
        assert (response.status, response.pointers) == (422, ["/cursor"]), cursor
    assert cloud.contents() == before


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no filter": ({}, ["/filter"]),
    "filter that says nothing": ({"filter": {}}, ["/filter"]),
    "filter of nulls": ({"filter": {"search": None}}, ["/filter"]),
    "all and something": ({"filter": {"all": True, "status": "active"}}, ["/filter"]),
    "not all": ({"filter": {"all": False}}, ["/filter/all"]),
    "no ids": ({"filter": {"ids": []}}, ["/filter/ids"]),
    "1001 ids": ({"filter": {"ids": [str(uuid4())] * 1_001}}, ["/filter/ids"]),
    "id is no UUID": ({"filter": {"ids": ["x"]}}, ["/filter/ids/0"]),
    "status that cannot be filtered by": ({"filter": {"status": "revoked"}}, ["/filter/status"]),
    "empty search": ({"filter": {"search": ""}}, ["/filter/search"]),
    "long search": ({"filter": {"search": "x" * 101}}, ["/filter/search"]),
    "malformed scope": ({"filter": {"scope": "orders"}}, ["/filter/scope"]),
    "moment without a zone": ({"filter": {"unusedSince": "2026-01-01T00:00:00"}}, ["/filter/unusedSince"]),
    "dry run as text": ({"filter": {"all": True}, "dryRun": "no"}, ["/dryRun"]),
    "long cursor": ({"filter": {"all": True}, "cursor": "x" * 1_001}, ["/cursor"]),
}


@pytest.mark.parametrize("flaw", BAD)
def test_invalid_field_is_422_with_pointer(flaw: str, cloud: Cloud) -> None:
    body, pointers = BAD[flaw]
    made_key()
    before = cloud.contents()
    response = call(FUNCTION, admin(), body=body)
    assert (response.status, response.code, response.pointers) == (422, "invalid_fields", pointers)
    assert cloud.contents() == before
