"""GET /permission-profiles."""

from datetime import datetime

from tests.functions.callers import OTHER_ACCOUNT, admin, holder, made_key, made_profile
from tests.functions.calls import call


def _names(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [profile["name"] for profile in page["data"]]


def test_profiles_are_listed_newest_first() -> None:
    made = [made_profile(name=name) for name in ("A", "B", "C")]
    made_profile(OTHER_ACCOUNT)
    response = call("list_permission_profiles", admin(), query={})
    assert response.status == 200
    assert list(response.body) == ["data", "nextCursor"]
    newest_first = sorted(made, key=lambda each: (datetime.fromisoformat(each["createdAt"]), each["id"]), reverse=True)
    assert [profile["createdAt"] for profile in response.body["data"]] == [each["createdAt"] for each in newest_first]
    assert sorted(response.body["data"], key=lambda each: each["id"]) == sorted(made, key=lambda each: each["id"])
    assert response.body["nextCursor"] is None


def test_list_without_profiles_is_empty() -> None:
    made_profile(OTHER_ACCOUNT)
    assert call("list_permission_profiles", admin()).body == {"data": [], "nextCursor": None}


def test_pages_list_every_profile_once() -> None:
    made = {made_profile(name=str(number))["name"] for number in range(5)}
    seen: list[str] = []
    query = {"limit": "2"}
    for _ in range(3):
        page = call("list_permission_profiles", admin(), query=query).body
        seen += _names(page)
        query["cursor"] = page["nextCursor"]
    assert page["nextCursor"] is None
    assert sorted(seen) == sorted(made)


def test_cursor_of_another_account_or_list_is_422() -> None:
    for _ in range(2):
        made_profile(OTHER_ACCOUNT)
        made_key()
    theirs = call("list_permission_profiles", admin(OTHER_ACCOUNT), query={"limit": "1"}).body["nextCursor"]
    of_keys = call("list_api_keys", admin(), query={"limit": "1"}).body["nextCursor"]
    for cursor in (theirs, of_keys, "x"):
        response = call("list_permission_profiles", admin(), query={"cursor": cursor})
        assert (response.status, response.pointers) == (422, ["?cursor"])


def test_limit_over_100_is_422() -> None:
    response = call("list_permission_profiles", admin(), query={"limit": "101"})
    assert (response.status, response.pointers) == (422, ["?limit"])


def test_key_lists_the_profiles_of_its_account() -> None:
    made_profile(name="Mine")
    made_profile(OTHER_ACCOUNT)
    key = holder(made_key("api-keys:read")["key"])
    assert _names(call("list_permission_profiles", key).body) == ["Mine"]
