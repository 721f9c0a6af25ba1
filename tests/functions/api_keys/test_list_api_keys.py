"""GET /api-keys."""

import base64

import pytest

from tests.functions.api_keys.test_create_api_key import OBJECT
from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, operator
from tests.functions.calls import call
from tests.functions.cloud import Cloud
from tests.functions.environment import KEY_PREFIX


def test_keys_are_listed_newest_first_without_secrets(cloud: Cloud) -> None:
    made = [made_key() for _ in range(3)]
    for at, key in enumerate(made):  # the keys may share a millisecond of creation
        cloud.change_key(key["id"], createdAt=1_000 * at)
    response = call("list_api_keys", admin(), query={})
    assert response.status == 200
    assert list(response.body) == ["data", "nextCursor"]
    assert [key["id"] for key in response.body["data"]] == [key["id"] for key in reversed(made)]
    assert all(list(key) == OBJECT for key in response.body["data"])
    assert response.body["nextCursor"] is None


def test_list_of_an_account_without_keys_is_empty() -> None:
    made_key(account_id=OTHER_ACCOUNT)
    assert call("list_api_keys", admin()).body == {"data": [], "nextCursor": None}


def test_revoked_and_expired_keys_stay_in_the_list(cloud: Cloud) -> None:
    revoked, expired = made_key(), made_key()
    call("revoke_api_key", admin(), object_id=revoked["id"])
    cloud.change_key(expired["id"], expiresAt=1)
    listed = {key["id"]: key["status"] for key in call("list_api_keys", admin()).body["data"]}
    assert listed == {revoked["id"]: "revoked", expired["id"]: "expired"}


def test_pages_list_every_key_once() -> None:
    made = {made_key()["id"] for _ in range(5)}
    seen: list[str] = []
    query = {"limit": "2"}
    for _ in range(3):
        page = call("list_api_keys", admin(), query=query).body
        seen += [key["id"] for key in page["data"]]
        query["cursor"] = page["nextCursor"]
    assert page["nextCursor"] is None
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "", "1e1", "٣", "0001000", "9" * 5000, "1.0", " 5"])
def test_limit_outside_1_to_100_is_422(limit: str) -> None:
    response = call("list_api_keys", admin(), query={"limit": limit})
    assert (response.status, response.pointers) == (422, ["?limit"])


def test_cursor_of_another_account_is_422() -> None:
    for account in (OTHER_ACCOUNT, OTHER_ACCOUNT):
        made_key(account_id=account)
    theirs = call("list_api_keys", admin(OTHER_ACCOUNT), query={"limit": "1"}).body["nextCursor"]
    response = call("list_api_keys", admin(), query={"cursor": theirs})
    assert (response.status, response.pointers) == (422, ["?cursor"])


@pytest.mark.parametrize("cursor", ["", "x", "é", "A" * 1000, base64.urlsafe_b64encode(b"12345678[1,2]").decode()])
def test_forged_cursor_is_422(cursor: str) -> None:
    response = call("list_api_keys", admin(), query={"cursor": cursor})
    assert (response.status, response.pointers) == (422, ["?cursor"])


def test_key_lists_the_keys_of_its_account() -> None:
    made = made_key("api-keys:read")
    made_key(account_id=OTHER_ACCOUNT)
    assert [key["id"] for key in call("list_api_keys", holder(made["key"])).body["data"]] == [made["id"]]


# ---- Search ----


def found(**query: str) -> list[str]:
    response = call("list_api_keys", admin(), query=query)
    assert response.status == 200, response.text
    assert response.body["nextCursor"] is None
    return sorted(key["name"] for key in response.body["data"])


def test_status_filter_uses_the_current_status(cloud: Cloud) -> None:
    for name in ("active", "disabled", "revoked", "expired"):
        made = made_key(name=name)
        if name == "revoked":
            call("revoke_api_key", admin(), object_id=made["id"])
        if name == "disabled":
            call("update_api_key", admin(), object_id=made["id"], body={"status": "disabled"})
        if name == "expired":  # the expiry job has not run yet
            cloud.change_key(made["id"], expiresAt=1)
    made_key(name="active", account_id=OTHER_ACCOUNT)
    for status in ("active", "disabled", "revoked", "expired"):
        assert found(status=status) == [status]


def test_search_finds_names_in_any_case_and_public_key_text() -> None:
    lager, other = made_key(name="Lager Straße 7"), made_key(name="Shop")
    assert found(search="STRASSE") == ["Lager Straße 7"]
    assert found(search="hop") == ["Shop"]
    assert found(search=lager["prefix"]) == ["Lager Straße 7"]
    assert found(search=other["key"][len(KEY_PREFIX) : len(KEY_PREFIX) + 22]) == ["Shop"]
    secret = other["key"][len(KEY_PREFIX) + 22 :]
    assert found(search=secret) == found(search=other["key"]) == []
    assert found(search="no such name") == []


def test_status_and_search_are_combined() -> None:
    for name in ("Shop one", "Shop two", "Till"):
        made = made_key(name=name)
        if name != "Shop one":
            call("update_api_key", admin(), object_id=made["id"], body={"status": "disabled"})
    assert found(search="shop", status="disabled") == ["Shop two"]


def test_pages_of_a_search_list_every_key_once() -> None:
    wanted = {made_key(name=f"Shop {number}")["id"] for number in range(5)}
    made_key(name="Till")
    seen: list[str] = []
    query = {"limit": "2", "search": "shop"}
    while len(seen) <= 5:
        page = call("list_api_keys", admin(), query=query).body
        seen += [key["id"] for key in page["data"]]
        if page["nextCursor"] is None:
            break
        query["cursor"] = page["nextCursor"]
    assert sorted(seen) == sorted(wanted)


def test_edited_cursor_is_422() -> None:
    for _ in range(2):
        made_key()
    cursor = call("list_api_keys", admin(), query={"limit": "1"}).body["nextCursor"]
    for at in range(0, len(cursor), 7):
        edited = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        response = call("list_api_keys", admin(), query={"cursor": edited})
        assert (response.status, response.pointers) == (422, ["?cursor"])


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ({"status": "lost"}, ["?status"]),
        ({"status": ""}, ["?status"]),
        ({"status": "active,revoked"}, ["?status"]),
        ({"search": ""}, ["?search"]),
        ({"search": "x" * 101}, ["?search"]),
        ({"unusedSince": "2026-05-01"}, ["?unusedSince"]),
        ({"scope": "orders"}, ["?scope"]),
        ({"search": "", "status": "ACTIVE"}, ["?status", "?search"]),
    ],
    ids=str,
)
def test_invalid_status_or_search_is_422(query: dict[str, str], pointers: list[str]) -> None:
    response = call("list_api_keys", admin(), query=query)
    assert (response.status, response.pointers) == (422, pointers)


def test_imported_key_is_found_by_its_given_prefix() -> None:
    key = {"name": "Imported", "hash": "ab" * 32, "prefix": "old_live_x7"}
    assert call("import_api_keys", admin(), body={"keys": [key]}).status == 200
    made_key(name="Another")
    assert found(search="live_x7") == ["Imported"]


def test_keys_are_found_by_owner_and_creator() -> None:
    made_key(name="Mine")
    theirs = made_key(name="Theirs", ownerUserId="user_7")
    made_key(name="Other account", ownerUserId="user_7", account_id=OTHER_ACCOUNT)
    assert found(ownerUserId="user_7") == ["Theirs"]
    assert found(ownerUserId=theirs["userId"]) == ["Mine"]
    assert found(createdBy=theirs["userId"]) == ["Mine", "Theirs"]
    assert found(createdBy="user_7") == []


def test_keys_are_found_by_last_use_expiry_rotation_and_scope(cloud: Cloud) -> None:
    old, used, rotated = made_key(name="Old"), made_key(name="Used"), made_key("orders:read", name="Rotated")
    for key in (old, used, rotated):
        cloud.change_key(key["id"], createdAt=1_000)
    call("verify_api_key", operator(), body={"key": used["key"]})
    call("rotate_api_key", admin(), object_id=rotated["id"])
    made_key(name="Expiring", expiresAt="2099-01-01T00:00:00Z")
    assert found(unusedSince="2020-01-01T00:00:00Z") == ["Old", "Rotated"]
    assert found(rotatedBefore="2020-01-01T00:00:00Z") == ["Old", "Used"]
    assert found(expiresBefore="2099-01-01T00:00:01Z") == ["Expiring"]
    assert found(expiresBefore="2099-01-01T00:00:00Z") == []
    assert found(scope="orders:read") == ["Rotated"]
    assert found(scope="orders:*") == []
    assert found(unusedSince="2020-01-01T00:00:00Z", scope="orders:read", status="active", search="rot") == ["Rotated"]
