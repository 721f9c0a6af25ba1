"""GET /api-keys."""

import base64

import pytest

from tests.functions.api_keys.test_create_api_key import OBJECT
from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key
from tests.functions.calls import call
from tests.functions.cloud import Cloud


def test_keys_are_listed_newest_first_without_secrets(cloud: Cloud) -> None:
    made = [made_key() for _ in range(3)]
    for at, key in enumerate(made):  # made within one millisecond, perhaps
        cloud.change_key(key["id"], createdAt=1_000 * at)
    answer = call("list_api_keys", admin(), query={})
    assert answer.status == 200
    assert list(answer.body) == ["data", "nextCursor"]
    assert [key["id"] for key in answer.body["data"]] == [key["id"] for key in reversed(made)]
    assert all(list(key) == OBJECT for key in answer.body["data"])
    assert answer.body["nextCursor"] is None


def test_list_of_an_account_without_keys_is_empty() -> None:
    made_key(account_id=OTHER_ACCOUNT)
    assert call("list_api_keys", admin()).body == {"data": [], "nextCursor": None}


def test_revoked_and_expired_keys_stay_in_the_list(cloud: Cloud) -> None:
    revoked, expired = made_key(), made_key()
    call("revoke_api_key", admin(), thing_id=revoked["id"])
    cloud.change_key(expired["id"], expiresAt=1)
    listed = {key["id"]: key["status"] for key in call("list_api_keys", admin()).body["data"]}
    assert listed == {revoked["id"]: "revoked", expired["id"]: "expired"}


def test_pages_hold_every_key_once() -> None:
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
def test_limit_that_is_no_number_from_1_to_100_is_422(limit: str) -> None:
    answer = call("list_api_keys", admin(), query={"limit": limit})
    assert (answer.status, answer.pointers) == (422, ["?limit"])


def test_cursor_of_another_account_is_422() -> None:
    for account in (OTHER_ACCOUNT, OTHER_ACCOUNT):
        made_key(account_id=account)
    theirs = call("list_api_keys", admin(OTHER_ACCOUNT), query={"limit": "1"}).body["nextCursor"]
    answer = call("list_api_keys", admin(), query={"cursor": theirs})
    assert (answer.status, answer.pointers) == (422, ["?cursor"])


@pytest.mark.parametrize("cursor", ["", "x", "é", "A" * 1000, base64.urlsafe_b64encode(b"12345678[1,2]").decode()])
def test_cursor_that_nobody_gave_is_422(cursor: str) -> None:
    answer = call("list_api_keys", admin(), query={"cursor": cursor})
    assert (answer.status, answer.pointers) == (422, ["?cursor"])


def test_holder_lists_the_keys_of_its_account() -> None:
    made = made_key("api-keys:read")
    made_key(account_id=OTHER_ACCOUNT)
    assert [key["id"] for key in call("list_api_keys", holder(made["key"])).body["data"]] == [made["id"]]
